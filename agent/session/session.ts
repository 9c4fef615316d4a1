import { type Pong, parseControlMessage } from '../../protocol/control-channel.ts';
import { SessionError, type SessionErrorCode } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { type CameraInfo, parseWith, type TransportMessage, transportMessageSchema } from '../../protocol/messages.ts';
import type { Role } from '../../protocol/roles.ts';
import type { BulkReference } from '../../protocol/rpc.ts';
import { checkSdp, isUsableCandidate } from '../../protocol/sdp-policy.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { TransportSequence } from '../media/transport-sequence.ts';
import type { DataChannelLine, Peer, PeerChannel, PeerOptions } from '../rtc/peer.ts';
import { BulkSender } from './bulk-sender.ts';
import type { CameraFeed } from './camera-feed.ts';
import { nextSessionState, type SessionEvent, type SessionState } from './session-state.ts';
import { VideoFeed } from './video-feed.ts';

/** Who is on the other side, fixed for the life of a session. */
export interface SessionIdentity {
  /** Random, for logs. */
  sessionId: string;
  viewerId: string;
  role: Role;
}

/** The serving side of the commands for one session. */
export interface SessionRpc {
  handleMessage(data: string | Uint8Array): void;
  close(): void;
}

export interface SessionOptions extends SessionIdentity {
  cameras: readonly CameraFeed[];
  ice: PeerOptions['ice'];
  clock: MediaClock;
  logger: SessionLogger;
  random(lengthBytes: number): Uint8Array;
  buildPeer(options: PeerOptions): Peer;
  openRpc(link: { send(text: string): void; sendBulk(data: Uint8Array, mediaType: string): BulkReference }): SessionRpc;
  /** Sends a sealed message to the viewer through the broker. */
  sendSealed(bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void;
  onClosed(session: Session): void;
}

export interface SessionLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/** Lets the goodbye leave before the path is torn down. */
const goodbyeMs = 100;

/**
 * One viewer's connection, from an accepted hello to the end: offers, takes the answer, serves pictures and commands, watches
 * over silence. It is never revived.
 */
export class Session {
  readonly identity: SessionIdentity;
  private readonly options: SessionOptions;
  private readonly feeds: VideoFeed[];
  private readonly bulk = new BulkSender();
  private readonly openedAtMs: number;
  private currentState: SessionState = 'offering';
  private peer: Peer | null = null;
  private sealed: SealedChannel | null = null;
  private rpcChannel: PeerChannel | null = null;
  private controlChannel: PeerChannel | null = null;
  private rpc: SessionRpc | null = null;
  private candidateCount = 0;
  private heardAtMs = 0;
  private deadline: NodeJS.Timeout | null = null;
  private watchdog: NodeJS.Timeout | null = null;
  private closing: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    this.identity = { sessionId: options.sessionId, viewerId: options.viewerId, role: options.role };
    this.openedAtMs = options.clock.nowMs();
    const transportSequence = new TransportSequence();
    this.feeds = options.cameras.map((camera, index) => {
      return new VideoFeed({
        camera,
        mid: `video${index}`,
        ssrc: readSsrc(options.random(4)),
        cname: options.sessionId,
        clock: options.clock,
        transportSequence,
        onCameraChange: (info) => this.notify('event.camera', info),
      });
    });
  }

  get state(): SessionState {
    return this.currentState;
  }

  /** Which camera feeds which media line. */
  get streams(): { mid: string; camera: string }[] {
    return this.feeds.map((feed) => ({ mid: feed.line.mid, camera: feed.camera.id }));
  }

  /** Builds the peer connection and its offer. @throws SessionError; the session is then closed */
  async open(): Promise<string> {
    this.deadline = setTimeout(() => void this.close('connect-timeout'), limits.connectTimeoutMs);
    for (const feed of this.feeds) feed.open();
    try {
      this.peer = this.options.buildPeer({
        id: this.identity.sessionId,
        ice: this.options.ice,
        videoLines: this.feeds.map((feed) => feed.line),
        channels: this.buildChannels(),
        onCandidate: (candidate, mid) => this.sendSealed({ type: 'candidate', candidate, mid }, 'at-most-once'),
        onTrackOpen: (mid, track) => this.feeds.find((feed) => feed.line.mid === mid)?.attach(track),
        onLost: (reason) => void this.close(reason),
      });
      const sdp = await this.peer.createOffer();
      if (!this.advance('offered')) throw new SessionError('closed-by-peer');
      return sdp;
    } catch (error) {
      const sessionError = SessionError.from(error);
      await this.close(sessionError.code);
      throw sessionError;
    }
  }

  /** The seal of this session, once the offer has been put into it. */
  attachSeal(sealed: SealedChannel): void {
    this.sealed = sealed;
  }

  /** A message from the broker for this session: untrusted, and dropped without a word when it does not open. */
  handleSealed(bytes: Uint8Array): void {
    const opened = this.sealed?.open(bytes);
    const message = opened?.ok ? parseWith(transportMessageSchema, opened.value) : null;
    if (!message?.ok || this.currentState === 'closed') return;
    if (message.value.type === 'answer') this.handleAnswer(message.value.sdp);
    else if (message.value.type === 'candidate') this.handleCandidate(message.value.candidate, message.value.mid);
    else void this.close('closed-by-peer');
  }

  /** Sends an event to the viewer; before the session is open it is dropped, since the offer carried the same facts. */
  notify(method: string, params: object): void {
    this.rpcChannel?.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Ends the session, telling the viewer why, and resolves when everything is released. */
  close(code: SessionErrorCode): Promise<void> {
    this.closing ??= this.release(code);
    return this.closing;
  }

  private async release(code: SessionErrorCode): Promise<void> {
    const wasOpen = this.currentState === 'open';
    this.advance('ended');
    if (this.deadline) clearTimeout(this.deadline);
    if (this.watchdog) clearInterval(this.watchdog);
    for (const feed of this.feeds) {
      this.options.logger.debug({ camera: feed.camera.id, ...feed.stats }, 'video line closed');
      feed.close();
    }
    this.rpc?.close();
    this.bulk.close();
    this.sendSealed({ type: 'bye', code }, 'at-least-once');
    const isHeard = this.controlChannel?.send(JSON.stringify({ type: 'bye', code })) ?? false;
    this.options.logger.info({ reason: code }, 'session closed');
    this.options.onClosed(this);
    if (wasOpen && isHeard) await new Promise((resolve) => setTimeout(resolve, goodbyeMs));
    await this.peer?.close();
  }

  private handleAnswer(sdp: string): void {
    const checked = checkSdp(sdp);
    if (!checked.ok) {
      this.options.logger.info({ refusal: checked.error }, 'answer refused');
      void this.close('sdp-refused');
      return;
    }
    if (!this.advance('answered')) return;
    try {
      this.peer?.acceptAnswer(checked.value);
    } catch (error) {
      this.options.logger.info({ error }, 'answer refused by the native library');
      void this.close('sdp-refused');
    }
  }

  private handleCandidate(candidate: string, mid: string): void {
    this.candidateCount += 1;
    if (this.candidateCount > limits.candidatesMaxCount || !isUsableCandidate(candidate)) return;
    this.peer?.addCandidate(candidate, mid);
  }

  private buildChannels(): DataChannelLine[] {
    const onClosed = () => void this.close('closed-by-peer');
    return [
      {
        label: 'rpc',
        onOpen: (channel) => this.handleRpcOpen(channel),
        onMessage: (data) => this.rpc?.handleMessage(data),
        onClosed,
      },
      {
        label: 'control',
        isLossy: true,
        onOpen: (channel) => {
          this.controlChannel = channel;
        },
        onMessage: (data) => this.handleControl(data),
        onClosed,
      },
      { label: 'bulk', onOpen: (channel) => this.bulk.open(channel), onMessage: () => {}, onClosed },
    ];
  }

  private handleRpcOpen(channel: PeerChannel): void {
    if (!this.advance('connected')) return;
    if (this.deadline) clearTimeout(this.deadline);
    this.rpcChannel = channel;
    this.rpc = this.options.openRpc({
      send: (text) => channel.send(text),
      sendBulk: (data, mediaType) => this.bulk.send(data, mediaType),
    });
    this.heardAtMs = this.options.clock.nowMs();
    this.watchdog = setInterval(() => this.watch(), limits.heartbeatIntervalMs);
    const tookMs = Math.round(this.heardAtMs - this.openedAtMs);
    this.options.logger.info({ role: this.identity.role, tookMs, ...this.peer?.path }, 'session open');
    // What changed between the offer and now.
    for (const feed of this.feeds) this.notifyCamera(feed.camera.info);
  }

  private notifyCamera(info: CameraInfo): void {
    this.notify('event.camera', info);
  }

  private handleControl(data: string | Uint8Array): void {
    const receivedAtMs = this.options.clock.nowMs();
    const message = parseControlMessage(data);
    if (!message || this.currentState === 'closed') return;
    this.heardAtMs = receivedAtMs;
    if (message.type === 'ping') {
      const pong: Pong = {
        type: 'pong',
        pingSentAtMs: message.sentAtMs,
        receivedAtMs,
        sentAtMs: this.options.clock.nowMs(),
      };
      this.controlChannel?.send(JSON.stringify(pong));
    } else if (message.type === 'bye') void this.close('closed-by-peer');
  }

  private watch(): void {
    if (this.options.clock.nowMs() - this.heardAtMs >= limits.deadPathMs) void this.close('dead-path');
  }

  private sendSealed(message: TransportMessage, delivery: 'at-least-once' | 'at-most-once'): void {
    if (this.sealed) this.options.sendSealed(this.sealed.seal(message), delivery);
  }

  private advance(event: SessionEvent): boolean {
    const next = nextSessionState(this.currentState, event);
    if (next) this.currentState = next;
    return next !== null;
  }
}

/** A random SSRC (RFC 3550 section 8.1), never zero, which some receivers take for "none". */
function readSsrc(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) || 1;
}
