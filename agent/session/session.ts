import { CandidateIntake } from '../../protocol/candidate-intake.ts';
import { SessionError, type SessionErrorCode } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { type Offer, parseWith, type TransportMessage, transportMessageSchema } from '../../protocol/messages.ts';
import type { Role } from '../../protocol/roles.ts';
import type { BulkReference } from '../../protocol/rpc.ts';
import { checkSdp } from '../../protocol/sdp-policy.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { DataChannelLine, Peer, PeerChannel, PeerOptions } from '../rtc/peer.ts';
import { BulkSender } from './bulk-sender.ts';
import { ControlLine } from './control-line.ts';
import { SessionMedia, type SessionMediaOptions } from './session-media.ts';
import { nextSessionState, type SessionEvent, type SessionState } from './session-state.ts';

/** Who is on the other side, fixed for the life of a session. */
export interface SessionIdentity {
  /** Random, for logs. */
  sessionId: string;
  viewerId: string;
  /** What the viewer is called. */
  label: string;
  role: Role;
}

/** The serving side of the commands for one session. */
export interface SessionRpc {
  handleMessage(data: string | Uint8Array): void;
  close(): void;
}

export interface SessionOptions
  extends SessionIdentity,
    Pick<SessionMediaOptions, 'cameras' | 'codec' | 'audio' | 'talk'> {
  ice: PeerOptions['ice'];
  clock: MediaClock;
  logger: SessionLogger;
  random(lengthBytes: number): Uint8Array;
  buildPeer(options: PeerOptions): Peer;
  openRpc(link: { send(text: string): void; sendBulk(data: Uint8Array, mediaType: string): BulkReference }): SessionRpc;
  /** Sends a sealed message to the viewer through the broker. */
  sendSealed(bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void;
  /** The viewer can be told things from now on. */
  onOpen(session: Session): void;
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
  private readonly bulk = new BulkSender();
  private readonly control: ControlLine;
  /** The pictures and sounds of the session, and what its viewer may change about them. */
  readonly media: SessionMedia;
  private readonly openedAtMs: number;
  private reportReleased: () => void = () => {};
  private currentState: SessionState = 'offering';
  private endCode: SessionErrorCode | null = null;
  private peer: Peer | null = null;
  private sealed: SealedChannel | null = null;
  private rpcChannel: PeerChannel | null = null;
  private rpc: SessionRpc | null = null;
  private readonly candidates = new CandidateIntake();
  private earlyCandidates: { candidate: string; mid: string }[] = [];
  private deadline: NodeJS.Timeout | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    const { sessionId, viewerId, label, role } = options;
    this.identity = { sessionId, viewerId, label, role };
    this.released = new Promise((resolve) => {
      this.reportReleased = resolve;
    });
    this.openedAtMs = options.clock.nowMs();
    this.control = new ControlLine({
      clock: options.clock,
      readLines: () => this.media.rtpOffsets,
      onSilent: () => void this.close('dead-path'),
      onBye: () => void this.close('closed-by-peer'),
    });
    this.media = new SessionMedia({
      ...options,
      notify: (method, params) => this.notify(method, params),
      onPicturesDropped: (count) => options.logger.debug({ count }, 'pictures left out: the path is too slow'),
    });
  }

  get state(): SessionState {
    return this.currentState;
  }

  /** The part of the offer that names the media lines. */
  get lines(): Pick<Offer, 'streams' | 'audio'> {
    return this.media.description;
  }

  /** Builds the peer connection and its offer. @throws SessionError that says why the session has ended instead */
  async open(): Promise<string> {
    this.deadline = setTimeout(() => void this.close('connect-timeout'), limits.connectTimeoutMs);
    try {
      this.media.open();
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
      () => this.options.logger.debug({ lines: this.media.stats }, 'media closed'),
      () => this.media.close(),
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
    this.candidates.addDescription(checked.value);
    for (const { candidate, mid } of this.earlyCandidates.splice(0)) this.handleCandidate(candidate, mid);
  }

  private handleCandidate(candidate: string, mid: string): void {
    // With QoS 0 it may overtake the answer, and the native library takes none before.
    if (this.currentState === 'answering') {
      if (this.earlyCandidates.length < limits.candidatesMaxCount) this.earlyCandidates.push({ candidate, mid });
    } else if (this.candidates.admit(candidate)) this.peer?.addCandidate(candidate, mid);
  }

  private buildPeer(): Peer {
    return this.options.buildPeer({
      id: this.identity.sessionId,
      ice: this.options.ice,
      mediaLines: this.media.lines,
      channels: this.buildChannels(),
      onCandidate: (candidate, mid) => this.sendSealed({ type: 'candidate', candidate, mid }, 'at-most-once'),
      onTrackOpen: (mid, track) => this.media.attach(mid, track),
      onLost: (reason) => void this.close(reason),
    });
  }

  private buildChannels(): DataChannelLine[] {
    const onClosed = () => void this.close('closed-by-peer');
    return [
      {
        label: 'rpc',
        onOpen: (channel) => this.handleRpcOpen(channel),
        onMessage: (data) => {
          this.control.handleHeard();
          this.rpc?.handleMessage(data);
        },
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
    this.media.handleViewerReady();
    this.options.onOpen(this);
  }

  /** Tells the viewer something. Before the session is open nobody hears it, and the offer carries the same facts. */
  notify(method: string, params: object): void {
    this.rpcChannel?.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
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
