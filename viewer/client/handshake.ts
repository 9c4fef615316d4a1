import { randomBytes } from '@noble/hashes/utils.js';
import { SessionError } from '../../protocol/errors.ts';
import type { KeyPair } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import {
  encodeRandomId,
  type Hello,
  type Offer,
  parseWith,
  randomIdLengthBytes,
  replySchema,
} from '../../protocol/messages.ts';
import { nobleDiffieHellman } from '../../protocol/noble-diffie-hellman.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import { HelloSeal } from '../../protocol/sealing.ts';
import type { SignalingPort, SignalingRoute } from './signaling-port.ts';

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
const silenceMs = 10_000;
/** A device that its status calls offline is still asked, because the status may be stale or forged, but not for long. */
const offlineSilenceMs = 2_500;
/** A device answers `retry` once, or twice when its epoch changes at that very moment. */
const roundsMaxCount = 3;

/**
 * Says hello until the device answers, follows `retry` to the current epoch, and returns its offer.
 * @throws SessionError with the device's own code, or `device-offline`, `device-silent`, `broker-…`
 */
export async function performHandshake(options: HandshakeOptions): Promise<Accepted> {
  let epoch: string | null = null;
  let helloSentAtMs: number | null = null;
  for (let round = 0; round < roundsMaxCount; round += 1) {
    const attempt = new HandshakeRound(options);
    try {
      const opened = await attempt.run(epoch, () => {
        helloSentAtMs ??= performance.now();
      });
      const { reply, channel, route } = opened;
      if (reply.type === 'offer')
        return { offer: reply, channel, route, helloSentAtMs: helloSentAtMs ?? performance.now() };
      route.close();
      if (reply.type === 'error') throw new SessionError(reply.code);
      epoch = reply.epoch;
    } catch (error) {
      attempt.close();
      throw error;
    }
  }
  throw new SessionError('device-silent', 'the device kept asking for another epoch');
}

/** One hello under one sid, repeated unchanged until its reply comes. */
class HandshakeRound {
  private readonly options: HandshakeOptions;
  private route: SignalingRoute | null = null;
  private handleBytes: (bytes: Uint8Array) => void = () => {};

  constructor(options: HandshakeOptions) {
    this.options = options;
  }

  async run(epoch: string | null, onSent: () => void) {
    const { signaling, signal } = this.options;
    const sid = encodeRandomId(randomBytes(randomIdLengthBytes));
    const route = await signaling.openRoute(sid, (bytes) => this.handleBytes(bytes));
    this.route = route;
    const seal = new HelloSeal({
      dh: nobleDiffieHellman,
      viewerKeys: this.options.viewerKeys,
      devicePublicKey: this.options.devicePublicKey,
      sid,
      hello: { type: 'hello', epoch: epoch ?? (await currentEpoch(signaling)), ...this.options.hello } satisfies Hello,
    });
    const answered = this.waitForReply(seal);
    const repeat = repeatHello(() => route.send(seal.bytes, 'at-least-once'));
    onSent();
    try {
      const isOffline = signaling.status?.online !== true;
      return await withDeadline(answered, isOffline ? offlineSilenceMs : silenceMs, signal, () =>
        isOffline ? new SessionError('device-offline') : new SessionError('device-silent'),
      );
    } finally {
      repeat.stop();
    }
  }

  close(): void {
    this.route?.close();
  }

  private waitForReply(seal: HelloSeal) {
    return new Promise<Omit<Accepted, 'offer' | 'helloSentAtMs'> & { reply: ReturnType<typeof readReply> }>(
      (resolve, reject) => {
        this.handleBytes = (bytes) => {
          const opened = seal.openReply(bytes);
          // Somebody else's bytes, or the reply to a hello that was sent twice.
          if (!opened.ok || !this.route) return;
          this.handleBytes = this.options.onMessage;
          try {
            resolve({ reply: readReply(opened.value.payload), channel: opened.value.channel, route: this.route });
          } catch (error) {
            reject(error);
          }
        };
      },
    );
  }
}

function readReply(payload: unknown) {
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

/** @throws what `late` makes when the time is over, and `closed-by-peer` when the signal is aborted */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  signal: AbortSignal,
  late: () => SessionError,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort = () => {};
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late()), timeoutMs);
        onAbort = () => reject(new SessionError('closed-by-peer', 'stopped'));
        signal.addEventListener('abort', onAbort);
        if (signal.aborted) onAbort();
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
