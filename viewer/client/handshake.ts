import { randomBytes } from '@noble/hashes/utils.js';
import { SessionError, type SessionErrorCode } from '../../protocol/errors.ts';
import type { KeyPair } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import {
  encodeRandomId,
  type Hello,
  type Offer,
  parseWith,
  type Reply,
  randomIdLengthBytes,
  replySchema,
} from '../../protocol/messages.ts';
import { nobleDiffieHellman } from '../../protocol/noble-diffie-hellman.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import { HelloSeal } from '../../protocol/sealing.ts';
import type { SignalingPort, SignalingRoute } from './signaling-port.ts';
import { stoppedError, withDeadline } from './with-deadline.ts';

/** A handshake that the device answered with an offer. */
export interface Accepted {
  offer: Offer;
  channel: SealedChannel;
  route: SignalingRoute;
  /** When the first hello left, on the clock of `performance.now()`. */
  helloSentAtMs: number;
}

export interface HandshakeOptions {
  signaling: SignalingPort;
  viewerKeys: KeyPair;
  devicePublicKey: Uint8Array;
  /** The hello without the epoch, which the device's status or its `retry` supplies. */
  hello: Omit<Hello, 'type' | 'epoch'>;
  /** Takes what arrives for this attempt after the offer. */
  onMessage(bytes: Uint8Array): void;
  signal: AbortSignal;
}

/** How long a fresh subscription may take to bring the retained status before the hello goes without it. */
const statusWaitMs = 200;
const routeTimeoutMs = 10_000;
const silenceMs = 10_000;
/** A device that its status calls offline is still asked, because the status may be stale or forged, but not for long. */
const offlineSilenceMs = 2_500;
/** A device answers `retry` once, or twice when its epoch changes at that very moment. */
const roundsMaxCount = 3;

/**
 * Says hello until the device answers, follows `retry` to the current epoch, and returns its offer.
 * @throws SessionError with the device's own code, or `device-offline`, `device-silent`, `seal-broken`, `broker-…`
 */
export async function performHandshake(options: HandshakeOptions): Promise<Accepted> {
  let epoch: string | null = null;
  let helloSentAtMs: number | null = null;
  for (let count = 0; count < roundsMaxCount; count += 1) {
    const round = new HandshakeRound(options);
    try {
      const { reply, channel, route, sentAtMs } = await round.run(epoch);
      helloSentAtMs ??= sentAtMs;
      if (reply.type === 'offer') return { offer: reply, channel, route, helloSentAtMs };
      if (reply.type === 'error') throw new SessionError(reply.code);
      epoch = reply.epoch;
      round.close();
    } catch (error) {
      round.close();
      throw error;
    }
  }
  throw new SessionError('device-silent', 'the device kept asking for another epoch');
}

interface OpenedReply {
  reply: Reply;
  channel: SealedChannel;
  route: SignalingRoute;
}

/** One hello under one sid, repeated unchanged until its reply comes. */
class HandshakeRound {
  private readonly options: HandshakeOptions;
  private route: SignalingRoute | null = null;
  private isClosed = false;
  private wasForged = false;
  private handleBytes: (bytes: Uint8Array) => void = () => {};

  constructor(options: HandshakeOptions) {
    this.options = options;
  }

  async run(epoch: string | null): Promise<OpenedReply & { sentAtMs: number }> {
    const { signaling, signal } = this.options;
    const sid = encodeRandomId(randomBytes(randomIdLengthBytes));
    const route = await this.openRoute(sid);
    const seal = new HelloSeal({
      dh: nobleDiffieHellman,
      viewerKeys: this.options.viewerKeys,
      devicePublicKey: this.options.devicePublicKey,
      sid,
      hello: { type: 'hello', epoch: epoch ?? (await currentEpoch(signaling)), ...this.options.hello } satisfies Hello,
    });
    if (signal.aborted) throw stoppedError();
    const answered = this.waitForReply(seal, route);
    const sentAtMs = performance.now();
    const repeat = repeatHello(() => route.send(seal.bytes, 'at-least-once'));
    const presence = this.watchPresence();
    try {
      const inTime = Promise.race([answered, presence.gone]);
      const opened = await withDeadline(inTime, silenceMs, signal, () => this.explainSilence('device-silent'));
      return { ...opened, sentAtMs };
    } finally {
      repeat.stop();
      presence.stop();
    }
  }

  close(): void {
    this.isClosed = true;
    this.route?.close();
  }

  /** A round that is over does not wait for the broker any more; the route that still comes about is closed at once. */
  private async openRoute(sid: string): Promise<SignalingRoute> {
    const { signaling, signal } = this.options;
    const opening = signaling
      .openRoute(sid, (bytes) => this.handleBytes(bytes))
      .then((route) => {
        this.route = route;
        if (this.isClosed) route.close();
        return route;
      });
    return withDeadline(opening, routeTimeoutMs, signal, () => new SessionError('broker-unreachable'));
  }

  /** `gone` rejects when the status has not called the device online for a while, from the beginning or later. */
  private watchPresence(): { gone: Promise<never>; stop(): void } {
    const { signaling } = this.options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopListening = () => {};
    const gone = new Promise<never>((_, reject) => {
      const handle = (isOnline: boolean) => {
        clearTimeout(timer);
        if (!isOnline) timer = setTimeout(() => reject(this.explainSilence('device-offline')), offlineSilenceMs);
      };
      stopListening = signaling.onStatus(({ online }) => handle(online));
      handle(signaling.status?.online === true);
    });
    const stop = () => {
      clearTimeout(timer);
      stopListening();
    };
    return { gone, stop };
  }

  private explainSilence(code: SessionErrorCode): SessionError {
    return new SessionError(this.wasForged ? 'seal-broken' : code);
  }

  private waitForReply(seal: HelloSeal, route: SignalingRoute): Promise<OpenedReply> {
    return new Promise((resolve, reject) => {
      this.handleBytes = (bytes) => {
        const opened = seal.openReply(bytes);
        // Somebody else's bytes: the device's own may still come.
        if (!opened.ok) {
          this.wasForged ||= opened.error === 'not-authentic';
          return;
        }
        this.handleBytes = this.options.onMessage;
        try {
          resolve({ reply: readReply(opened.value.payload), channel: opened.value.channel, route });
        } catch (error) {
          reject(error);
        }
      };
    });
  }
}

function readReply(payload: unknown): Reply {
  const reply = parseWith(replySchema, payload);
  if (!reply.ok) throw new SessionError('malformed', `reply ${reply.error}`);
  return reply.value;
}

function repeatHello(send: () => void): { stop(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const sendAndWait = (attempt: number) => {
    send();
    const delayMs = limits.helloRetryMs[attempt];
    if (delayMs !== undefined) timer = setTimeout(() => sendAndWait(attempt + 1), delayMs);
  };
  sendAndWait(0);
  return { stop: () => clearTimeout(timer) };
}

async function currentEpoch(signaling: SignalingPort): Promise<string> {
  if (!signaling.status) {
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(finish, statusWaitMs);
      const stop = signaling.onStatus(finish);
    });
  }
  return signaling.status?.online ? signaling.status.epoch : '';
}
