import { z } from 'zod';
import { CandidateIntake } from '../../protocol/candidate-intake.ts';
import { parseControlMessage } from '../../protocol/control-channel.ts';
import { SessionError, type SessionErrorCode } from '../../protocol/errors.ts';
import { qualityEventSchema } from '../../protocol/events.ts';
import { limits } from '../../protocol/limits.ts';
import { type CameraInfo, type Offer, parseWith, transportMessageSchema } from '../../protocol/messages.ts';
import { bulkReferenceSchema, RpcError } from '../../protocol/rpc.ts';
import { checkSdp, isUsableCandidate, withoutCandidates } from '../../protocol/sdp-policy.ts';
import { BulkReceiver } from './bulk-receiver.ts';
import { type Accepted, type HandshakeOptions, performHandshake } from './handshake.ts';
import { Heartbeat } from './heartbeat.ts';
import type { PeerPlatform } from './peer-platform.ts';
import { PictureMeter } from './picture-meter.ts';
import { RpcClient } from './rpc-client.ts';
import { type ChannelLabel, SessionChannels } from './session-channels.ts';
import type { ShownFrame } from './shown-frame.ts';
import { Talk } from './talk.ts';
import { type VideoLine, VideoLines } from './video-lines.ts';
import type { ViewerStats } from './viewer-stats.ts';
import type { ConnectStep } from './viewer-status.ts';
import { withDeadline } from './with-deadline.ts';

const earlyMessagesMaxCount = 32;

/** Result of `camera.select`. */
const selectedSchema = z.object({ camera: z.string() });

/** What the device said about itself and this viewer when it accepted the session. */
export interface SessionInfo {
  role: Offer['role'];
  device: Offer['device'];
  cameras: CameraInfo[];
  /** Whether the device sends sound. */
  hasAudio: boolean;
  /** Whether the device would play this viewer's microphone. */
  canTalk: boolean;
}

export interface ViewerSessionOptions {
  platform: PeerPlatform;
  handshake: Omit<HandshakeOptions, 'onMessage' | 'signal'>;
  onStep(step: ConnectStep): void;
  /** @param line which of the video lines, from 0 on */
  onStream(line: number, stream: MediaStream): void;
  onLines(lines: readonly VideoLine[]): void;
}

/**
 * One session with the device, from the hello to the end: handshake, peer connection, data channels, heartbeat. It is never
 * revived; a viewer that lost its session opens another.
 */
export class ViewerSession {
  /** Resolves, with the reason, when the session has ended after it was open. */
  readonly ended: Promise<SessionError>;
  readonly rpc: RpcClient;
  private readonly options: ViewerSessionOptions;
  private readonly aborter = new AbortController();
  private readonly heartbeat: Heartbeat;
  private readonly bulk = new BulkReceiver();
  private readonly channels: SessionChannels;
  private readonly meter = new PictureMeter();
  private readonly lines: VideoLines;
  /** The media line of each stream handed out. */
  private readonly midOfStream = new Map<MediaStream, string>();
  private reportEnd: (error: SessionError) => void = () => {};
  private onChannelOpen: () => void = () => {};
  private accepted: Accepted | null = null;
  private connection: RTCPeerConnection | null = null;
  private talk: Talk | null = null;
  private endError: SessionError | null = null;
  private audioTrack: MediaStreamTrack | null = null;
  private readonly candidates = new CandidateIntake();
  private earlyMessages: Uint8Array[] = [];

  constructor(options: ViewerSessionOptions) {
    this.options = options;
    this.ended = new Promise((resolve) => {
      this.reportEnd = resolve;
    });
    this.channels = new SessionChannels({
      onMessage: (label, data) => this.handleChannelMessage(label, data),
      onOpen: () => this.onChannelOpen(),
      onClosed: () => this.close('closed-by-peer'),
    });
    this.rpc = new RpcClient({ send: (text) => this.channels.send('rpc', text) });
    this.rpc.events.on('notification', ({ method, params }) => this.handleNotification(method, params));
    this.lines = new VideoLines({ onChange: options.onLines });
    this.heartbeat = new Heartbeat({
      send: (text) => this.channels.send('control', text),
      onDead: () => this.close('dead-path'),
    });
  }

  get info(): SessionInfo | null {
    const offer = this.accepted?.offer;
    if (!offer) return null;
    const { role, device, cameras, audio } = offer;
    return { role, device, cameras, hasAudio: audio?.sound ?? false, canTalk: audio?.talk ?? false };
  }

  get isClosed(): boolean {
    return this.aborter.signal.aborted;
  }

  /** Resolves when media and commands flow. @throws SessionError; the session is then closed */
  async open(): Promise<void> {
    const { signal } = this.aborter;
    try {
      this.options.onStep('device');
      const accepted = await performHandshake({
        ...this.options.handshake,
        onMessage: (bytes) => this.handleSealed(bytes),
        signal,
      });
      this.accepted = accepted;
      this.meter.open(accepted.offer.streams);
      this.lines.open(accepted.offer.streams);
      this.options.onStep('path');
      const channelsOpen = new Promise<void>((resolve) => {
        this.onChannelOpen = resolve;
      });
      const answered = this.answer(accepted);
      for (const bytes of this.earlyMessages.splice(0)) this.handleSealed(bytes);
      const leftMs = limits.connectTimeoutMs - (performance.now() - accepted.helloSentAtMs);
      await withDeadline(
        Promise.all([answered, channelsOpen]),
        leftMs,
        signal,
        () => new SessionError('connect-timeout'),
      );
      this.heartbeat.start();
    } catch (error) {
      const sessionError = SessionError.from(error);
      this.close(sessionError.code);
      throw this.endError ?? sessionError;
    }
  }

  /** Says goodbye where it can and releases everything. Calling it again changes nothing. */
  close(code: SessionErrorCode = 'closed-by-peer'): void {
    if (this.isClosed) return;
    this.endError ??= new SessionError(code);
    this.aborter.abort();
    this.heartbeat.stop();
    this.talk?.mute();
    this.rpc.close();
    this.bulk.close();
    const accepted = this.accepted;
    const bye = { type: 'bye', code } as const;
    this.channels.send('control', JSON.stringify(bye));
    accepted?.route.send(accepted.channel.seal(bye), 'at-least-once');
    accepted?.route.close();
    this.reportEnd(this.endError);
  }

  /** Lets go of the picture too. Kept apart from {@link close}, so that the last picture stands until the next one is there. */
  release(): void {
    this.close();
    this.connection?.close();
    this.connection = null;
  }

  /** Calls a command; the binary data of a result that refers to some is added to it as `data`. */
  async call(method: string, params?: object): Promise<unknown> {
    const result = await this.rpc.call(method, params);
    const selected = method === 'camera.select' ? parseWith(selectedSchema, result) : null;
    if (selected?.ok) this.lines.select(selected.value.camera);
    const reference = parseWith(bulkReferenceSchema, (result as { bulk?: unknown } | null)?.bulk);
    if (!reference.ok) return result;
    return { ...(result as object), data: await this.bulk.receive(reference.value) };
  }

  /** To be called by whoever shows the picture, for each frame of a stream. Frames of other sessions are ignored. */
  handleFrame(stream: MediaStream, frame: ShownFrame): void {
    const mid = this.midOfStream.get(stream);
    if (mid !== undefined) this.meter.handleFrame(mid, frame, this.heartbeat.clockOffsetMs);
  }

  /** @throws RpcError `unavailable`; DOMException when the person refuses the microphone */
  startTalk(): Promise<void> {
    if (!this.talk) return Promise.reject(new RpcError('unavailable', 'The device has no loudspeaker for you.'));
    return this.talk.start();
  }

  async stopTalk(): Promise<void> {
    await this.talk?.stop();
  }

  async readStats(): Promise<ViewerStats | null> {
    if (!this.connection || !this.accepted) return null;
    const counters = await this.options.platform.readVideoCounters(this.connection);
    const { helloSentAtMs } = this.accepted;
    return this.meter.measure(counters, performance.now(), { helloSentAtMs, rttMs: this.heartbeat.rttMs });
  }

  private async answer({ offer, channel, route }: Accepted): Promise<void> {
    const sdp = checkSdp(offer.sdp);
    if (!sdp.ok) throw new SessionError('sdp-refused', sdp.error);
    const connection = this.options.platform.createConnection({ iceServers: offer.iceServers });
    this.connection = connection;
    this.listenTo(connection, offer);
    connection.onicecandidate = ({ candidate }) => {
      // Browsers give what RFC 8839 calls a candidate, the implementation for Node the whole SDP line.
      const plain = candidate?.candidate.replace(/^a=/, '') ?? '';
      if (!isUsableCandidate(plain) || this.isClosed) return;
      route.send(channel.seal({ type: 'candidate', candidate: plain, mid: candidate?.sdpMid ?? '0' }), 'at-most-once');
    };
    // The device sends its candidates again once it has applied the answer. A check that came before could not be borne:
    // see docs/decisions/0002.
    await connection.setRemoteDescription({ type: 'offer', sdp: withoutCandidates(sdp.value) });
    this.prepareTalk(connection, offer);
    const answer = await connection.createAnswer();
    if (!answer.sdp) throw new SessionError('internal', 'an answer without SDP');
    // Sent before it is applied: the device can start on it while the browser gathers candidates.
    route.send(channel.seal({ type: 'answer', sdp: answer.sdp }), 'at-least-once');
    await connection.setLocalDescription(answer);
  }

  private listenTo(connection: RTCPeerConnection, offer: Offer): void {
    this.options.platform.onFrame?.(connection, (mid, frame) =>
      this.meter.handleFrame(mid, frame, this.heartbeat.clockOffsetMs),
    );
    connection.ontrack = ({ track, transceiver }) => this.handleTrack(track, transceiver.mid ?? '', offer);
    connection.ondatachannel = ({ channel }) => this.channels.adopt(channel);
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed') this.close('path-failed');
    };
  }

  /** The sound belongs to the first picture: in one stream the browser keeps the two together. */
  private handleTrack(track: MediaStreamTrack, mid: string, offer: Offer): void {
    const first = [...this.midOfStream.keys()][0];
    if (mid === offer.audio?.mid) {
      if (first) first.addTrack(track);
      else this.audioTrack = track;
      return;
    }
    const line = offer.streams.findIndex((stream) => stream.mid === mid);
    if (line < 0) return;
    const stream = new MediaStream(first || !this.audioTrack ? [track] : [track, this.audioTrack]);
    this.midOfStream.set(stream, mid);
    this.options.onStream(line, stream);
  }

  private prepareTalk(connection: RTCPeerConnection, { audio }: Offer): void {
    if (!audio?.talk) return;
    const line = connection.getTransceivers().find((transceiver) => transceiver.mid === audio.mid);
    if (!line) return;
    // Silent until the person talks; a line that only receives could not be turned without negotiating again.
    line.direction = 'sendrecv';
    const { platform } = this.options;
    this.talk = new Talk(
      { call: (method) => this.rpc.call(method), openMicrophone: () => platform.openMicrophone() },
      line.sender,
    );
  }

  private handleNotification(method: string, params: unknown): void {
    const event = method === 'event.quality' ? parseWith(qualityEventSchema, params) : null;
    if (!event?.ok) return;
    this.meter.handleQuality(event.value);
    this.lines.handleQuality(event.value);
  }

  private handleChannelMessage(label: ChannelLabel, data: unknown): void {
    this.heartbeat.handleHeard();
    if (label === 'rpc') this.rpc.handleMessage(data);
    else if (label === 'bulk') this.bulk.handleMessage(data);
    else this.handleControl(data);
  }

  private handleControl(data: unknown): void {
    const message = parseControlMessage(data);
    if (message?.type === 'pong') {
      this.heartbeat.handlePong(message);
      this.meter.setRtpOffsets(message.lines ?? []);
    }
    if (message?.type === 'bye') this.close(message.code);
  }

  private handleSealed(bytes: Uint8Array): void {
    if (!this.accepted) {
      // It came with the very packet of the offer, which is still on its way through the handshake.
      if (this.earlyMessages.length < earlyMessagesMaxCount) this.earlyMessages.push(bytes);
      return;
    }
    const opened = this.accepted.channel.open(bytes);
    const message = opened.ok ? parseWith(transportMessageSchema, opened.value) : null;
    if (!message?.ok) return;
    if (message.value.type === 'bye') this.close(message.value.code);
    if (message.value.type === 'candidate') this.handleCandidate(message.value.candidate, message.value.mid);
  }

  private handleCandidate(candidate: string, mid: string): void {
    if (!this.candidates.admit(candidate)) return;
    this.connection?.addIceCandidate({ candidate, sdpMid: mid }).catch(() => {
      // One unusable candidate is no reason to give up: the others may do.
    });
  }
}
