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
import { ControlLine } from './control-line.ts';
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
  /** Called once, when the session ends; {@link Session.released} tells when nothing of it is left. */
  onClosed(session: Session): void;
}

export interface SessionLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Lets the goodbye leave before the path is torn down. */
const goodbyeMs = 100;

/**
 * One viewer's connection, from an accepted hello to the end: offers, takes the answer, serves pictures and commands, watches
 * over silence. It is never revived.
 */
export class Session {
  readonly identity: SessionIdentity;
  /** Resolves when the session has ended and nothing of it is left. Never rejects. */
  readonly released: Promise<void>;
  private readonly options: SessionOptions;
  private readonly feeds: VideoFeed[];
  private readonly bulk = new BulkSender();
  private readonly control: ControlLine;
  private readonly openedAtMs: number;
  private reportReleased: () => void = () => {};
  private currentState: SessionState = 'offering';
  private endCode: SessionErrorCode | null = null;
  private peer: Peer | null = null;
  private sealed: SealedChannel | null = null;
  private rpcChannel: PeerChannel | null = null;
  private rpc: SessionRpc | null = null;
  private candidateCount = 0;
  private earlyCandidates: { candidate: string; mid: string }[] = [];
  private deadline: NodeJS.Timeout | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    this.identity = { sessionId: options.sessionId, viewerId: options.viewerId, role: options.role };
    this.released = new Promise((resolve) => {
      this.reportReleased = resolve;
    });
    this.openedAtMs = options.clock.nowMs();
    this.control = new ControlLine({
      clock: options.clock,
      onSilent: () => void this.close('dead-path'),
      onBye: () => void this.close('closed-by-peer'),
    });
    const transportSequence = new TransportSequence();
    this.feeds = options.cameras.map((camera, index) => {
      return new VideoFeed({
        camera,
        mid: `v${index}`,
        ssrc: readSsrc(options.random(4)),
        rtxSsrc: readSsrc(options.random(4)),
        cname: options.sessionId,
        clock: options.clock,
        transportSequence,
        onCameraChange: (info) => this.notifyCamera(info),
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

  /** Builds the peer connection and its offer. @throws SessionError that says why the session has ended instead */
  async open(): Promise<string> {
    this.deadline = setTimeout(() => void this.close('connect-timeout'), limits.connectTimeoutMs);
    try {
      for (const feed of this.feeds) feed.open();
      this.peer = this.buildPeer();
      const sdp = await this.peer.createOffer();
      if (!this.advance('offered')) throw new SessionError('closed-by-peer');
      return sdp;
    } catch (error) {
      const { code, detail } = SessionError.from(error);
      await this.close(code);
      // Whoever ended the session while it opened knows the reason better than the peer that was taken away.
      throw new SessionError(this.endCode ?? code, detail);
    }
  }

  /** The seal of this session, once the offer has been put into it. */
  attachSeal(sealed: SealedChannel): void {
    this.sealed = sealed;
  }

  /** A message from the broker for this session: untrusted, and dropped without a word when it does not open. */
  handleSealed(bytes: Uint8Array): void {
    if (this.currentState === 'closed') return;
    const opened = this.sealed?.open(bytes);
    const message = opened?.ok ? parseWith(transportMessageSchema, opened.value) : null;
    if (!message?.ok) return;
    if (message.value.type === 'answer') this.handleAnswer(message.value.sdp);
    else if (message.value.type === 'candidate') this.handleCandidate(message.value.candidate, message.value.mid);
    else void this.close('closed-by-peer');
  }

  /** Ends the session, telling the viewer why, and resolves when everything is released. Only the first reason counts. */
  close(code: SessionErrorCode): Promise<void> {
    if (this.endCode === null) {
      this.endCode = code;
      void this.release(code).then(this.reportReleased);
    }
    return this.released;
  }

  private async release(code: SessionErrorCode): Promise<void> {
    const wasOpen = this.currentState === 'open';
    this.advance('ended');
    if (this.deadline) clearTimeout(this.deadline);
    this.options.logger.info({ reason: code }, 'session closed');
    const steps = [
      ...this.feeds.map((feed) => () => this.closeFeed(feed)),
      () => this.rpc?.close(),
      () => this.bulk.close(),
      () => this.sendSealed({ type: 'bye', code }, 'at-least-once'),
      () => this.control.close(code),
      () => this.options.onClosed(this),
    ];
    for (const step of steps) {
      try {
        step();
      } catch (error) {
        this.reportUncleanEnd(error);
      }
    }
    if (wasOpen) await new Promise((resolve) => setTimeout(resolve, goodbyeMs));
    await this.peer?.close().catch((error) => this.reportUncleanEnd(error));
  }

  // What fails must not keep the rest from being released.
  private reportUncleanEnd(error: unknown): void {
    this.options.logger.error({ error }, 'a part of the session did not close cleanly');
  }

  private closeFeed(feed: VideoFeed): void {
    this.options.logger.debug({ camera: feed.camera.id, ...feed.stats }, 'video line closed');
    feed.close();
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
      return;
    }
    for (const { candidate, mid } of this.earlyCandidates.splice(0)) this.peer?.addCandidate(candidate, mid);
  }

  private handleCandidate(candidate: string, mid: string): void {
    this.candidateCount += 1;
    if (this.candidateCount > limits.candidatesMaxCount || !isUsableCandidate(candidate)) return;
    // With QoS 0 it may overtake the answer, and the native library takes none before.
    if (this.currentState === 'answering') this.earlyCandidates.push({ candidate, mid });
    else this.peer?.addCandidate(candidate, mid);
  }

  private buildPeer(): Peer {
    return this.options.buildPeer({
      id: this.identity.sessionId,
      ice: this.options.ice,
      mediaLines: this.feeds.map((feed) => feed.line),
      channels: this.buildChannels(),
      onCandidate: (candidate, mid) => this.sendSealed({ type: 'candidate', candidate, mid }, 'at-most-once'),
      onTrackOpen: (mid, track) => this.feeds.find((feed) => feed.line.mid === mid)?.attach(track),
      onLost: (reason) => void this.close(reason),
    });
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
        onOpen: (channel) => this.control.attach(channel),
        onMessage: (data) => this.control.handleMessage(data),
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
    this.control.startWatching();
    const tookMs = Math.round(this.options.clock.nowMs() - this.openedAtMs);
    this.options.logger.info({ role: this.identity.role, tookMs, ...this.peer?.path }, 'session open');
    // What changed between the offer and now.
    for (const feed of this.feeds) this.notifyCamera(feed.camera.info);
  }

  /** Before the session is open this says nothing, since the offer carries the same facts. */
  private notifyCamera(params: CameraInfo): void {
    this.rpcChannel?.send(JSON.stringify({ jsonrpc: '2.0', method: 'event.camera', params }));
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
