import { SessionError, type SessionErrorCode } from '../../protocol/errors.ts';
import type { KeyPair } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import {
  type Hello,
  helloSchema,
  type IceServer,
  type Offer,
  parseWith,
  type Reply,
  type VideoCodec,
  videoCodecs,
} from '../../protocol/messages.ts';
import type { DiffieHellman } from '../../protocol/noise.ts';
import type { Result } from '../../protocol/result.ts';
import type { Role } from '../../protocol/roles.ts';
import { frameKind } from '../../protocol/sealed-channel.ts';
import { type OpenedHello, openHello } from '../../protocol/sealing.ts';
import { TokenBucket } from '../../protocol/token-bucket.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { AnsweredHellos } from './answered-hellos.ts';
import type { CameraFeed } from './camera-feed.ts';
import type { Epochs } from './epochs.ts';
import type { Session, SessionIdentity, SessionLogger } from './session.ts';

export interface SessionManagerOptions {
  deviceKeys: KeyPair;
  device: Offer['device'];
  dh: DiffieHellman;
  epochs: Epochs;
  clock: MediaClock;
  cameras: readonly CameraFeed[];
  sessionsMaxCount: number;
  logger: SessionLogger & { child(fields: Record<string, unknown>): SessionLogger };
  random(lengthBytes: number): Uint8Array;
  /** Whether the viewer has a grant, as far as memory knows. */
  isPaired(viewerId: string): boolean;
  /** Whether the viewer may come in; resolves when the decision cannot be lost any more. */
  authorise(viewer: {
    viewerId: string;
    inviteToken?: string;
    label?: string;
  }): Promise<Result<Admission, 'unauthorised' | 'invite-invalid' | 'internal'>>;
  /** ICE servers handed to this viewer, with credentials of its own. */
  buildIceServers(viewerId: string): IceServer[];
  buildSession(seed: SessionSeed): Session;
  send(sid: string, bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void;
}

/** What a viewer may do. */
export interface Admission {
  /** What the viewer is called in the list of viewers. */
  label: string;
  role: Role;
  rights: { audio: boolean; talk: boolean };
}

/** What the manager knows when a session begins; the composition adds the rest. */
export interface SessionSeed extends SessionIdentity {
  codec: VideoCodec;
  /** Whether the viewer wants to hear the device and may. */
  hears: boolean;
  /** Whether the viewer may be heard there as well. */
  talks: boolean;
  cameras: readonly CameraFeed[];
  logger: SessionLogger;
  sendSealed(bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void;
  onClosed(session: Session): void;
}

interface Acceptance extends Pick<SessionSeed, 'label' | 'role' | 'cameras' | 'codec' | 'hears' | 'talks'> {
  type: 'accepted';
}
type Decision = Acceptance | Exclude<Reply, { type: 'offer' }>;

/**
 * Decides over hellos and keeps the sessions. Checks run cheapest first; a native connection is made after all of them.
 */
export class SessionManager {
  private readonly options: SessionManagerOptions;
  private readonly answered = new AnsweredHellos();
  private readonly helloBucket: TokenBucket;
  /** Viewers with a grant have a bucket each, so that nobody else's hellos keep them out. */
  private readonly viewerBuckets = new Map<string, TokenBucket>();
  /** The logs name each refused viewer, but strangers do not decide how much is written. */
  private readonly refusalLogBucket: TokenBucket;
  private readonly sessions = new Map<string, Session>();
  /** Sessions that have ended and still hold something. */
  private readonly ending = new Set<Promise<void>>();
  private isStopping = false;

  constructor(options: SessionManagerOptions) {
    this.options = options;
    const nowMs = () => options.clock.nowMs();
    this.helloBucket = new TokenBucket({ perSecond: limits.hellosPerSecond, burst: 2 * limits.hellosPerSecond, nowMs });
    this.refusalLogBucket = new TokenBucket({ perSecond: 1, burst: 10, nowMs });
  }

  /** Viewers that are connected now. */
  get openCount(): number {
    return [...this.sessions.values()].filter((session) => session.state === 'open').length;
  }

  /** A message of the broker, at most {@link limits.signalingMessageMaxBytes} long: untrusted. */
  handleMessage(sid: string, bytes: Uint8Array): void {
    if (bytes[0] === frameKind.transport) this.sessions.get(sid)?.handleSealed(bytes);
    else if (bytes[0] === frameKind.hello && !this.isStopping) this.handleHello(sid, bytes);
  }

  /** To be called when the epoch has been renewed. */
  renewEpoch(generation: number): void {
    this.answered.renew(generation);
  }

  find(sessionId: string): Session | undefined {
    return [...this.sessions.values()].find((session) => session.identity.sessionId === sessionId);
  }

  /** Tells every viewer; what each is told may differ. */
  notifyAll(method: string, buildParams: (identity: SessionIdentity) => object): void {
    for (const session of this.sessions.values()) session.notify(method, buildParams(session.identity));
  }

  async closeViewer(viewerId: string, code: SessionErrorCode): Promise<void> {
    const theirs = [...this.sessions.values()].filter((session) => session.identity.viewerId === viewerId);
    await Promise.all(theirs.map((session) => session.close(code)));
  }

  /** Ends all sessions. Resolves when nothing is left of them, nor of those that had just ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const session of [...this.sessions.values()]) void session.close('shutdown');
    await Promise.all(this.ending);
  }

  private handleHello(sid: string, bytes: Uint8Array): void {
    if (this.answered.has(sid)) {
      const reply = this.answered.replyTo(sid, bytes);
      if (reply) this.options.send(sid, reply, 'at-least-once');
      return;
    }
    // A session outlives the memory of its hello. Whoever takes its sid again would push it out of sight, and so out of the
    // reach of a revocation.
    if (this.sessions.has(sid)) return;
    const { dh, deviceKeys, logger } = this.options;
    const opened = openHello({ dh, deviceKeys, sid, admit: (viewerId) => this.admit(viewerId) }, bytes);
    if (!opened.ok) {
      logger.debug({ error: opened.error }, 'hello dropped');
      return;
    }
    // From here on the same bytes are a repetition, while the decision is still being made.
    this.answered.add(sid, opened.value.viewerId, bytes);
    this.answer(sid, opened.value).catch((error) => logger.error({ error }, 'a hello could not be answered'));
  }

  private admit(viewerId: string): boolean {
    if (!this.options.isPaired(viewerId)) return this.helloBucket.take();
    const perSecond = limits.hellosPerViewerPerSecond;
    const bucket =
      this.viewerBuckets.get(viewerId) ??
      new TokenBucket({ perSecond, burst: 10 * perSecond, nowMs: () => this.options.clock.nowMs() });
    this.viewerBuckets.set(viewerId, bucket);
    return bucket.take();
  }

  private async answer(sid: string, hello: OpenedHello): Promise<void> {
    const decision = await this.decideOrFail(hello);
    if (decision.type !== 'accepted') this.refuse(sid, hello, decision);
    else if (this.isStopping) this.refuse(sid, hello, refusal('shutdown'));
    // Asked in the same breath as the session is added, or several hellos would be given the same room.
    else if (!this.makeRoom(hello.viewerId)) this.refuse(sid, hello, refusal('busy'));
    else await this.openSession(sid, hello, decision);
  }

  private refuse(sid: string, hello: OpenedHello, reply: Exclude<Decision, Acceptance>): void {
    if (reply.type === 'error') {
      const level = this.refusalLogBucket.take() ? 'info' : 'debug';
      this.options.logger[level]({ viewer: hello.viewerId, code: reply.code }, 'viewer refused');
    }
    // Not kept: a refusal can be repeated at will, and its hellos must not fill the memory of those that were accepted.
    this.answered.remove(sid);
    this.options.send(sid, hello.reply(reply).bytes, 'at-least-once');
  }

  private async decideOrFail(hello: OpenedHello): Promise<Decision> {
    try {
      return await this.decide(hello);
    } catch (error) {
      this.options.logger.error({ viewer: hello.viewerId, error }, 'a hello could not be decided on');
      return refusal('internal');
    }
  }

  private async decide({ viewerId, payload }: OpenedHello): Promise<Decision> {
    const hello = parseWith(helloSchema, payload);
    if (!hello.ok) return refusal('malformed');
    const { epochs } = this.options;
    if (!epochs.isValid(hello.value.epoch)) return { type: 'retry', epoch: epochs.current };
    const { invite, label, codecs } = hello.value;
    const grant = await this.options.authorise({ viewerId, inviteToken: invite, label });
    if (!grant.ok) return refusal(grant.error);
    const cameras = this.wantedCameras(hello.value);
    if (!cameras) return refusal('no-camera');
    const codec =
      cameras.length === 0
        ? videoCodecs[0]
        : videoCodecs.find((name) => codecs.includes(name) && cameras.every((camera) => isOffered(camera, name)));
    if (!codec) return refusal('no-codec');
    const { label: name, role, rights } = grant.value;
    const wantsAudio = hello.value.want.audio;
    return {
      type: 'accepted',
      label: name,
      role,
      cameras,
      codec,
      hears: wantsAudio && rights.audio,
      talks: wantsAudio && rights.talk,
    };
  }

  /** Null when a camera is asked for that the device does not have. */
  private wantedCameras(hello: Hello): CameraFeed[] | null {
    const { cameras } = this.options;
    const wanted = hello.want.cameras ?? cameras.slice(0, 1).map((camera) => camera.id);
    const found = wanted.map((id) => cameras.find((camera) => camera.id === id));
    const isComplete = found.every((camera) => camera !== undefined) && new Set(wanted).size === wanted.length;
    return isComplete ? found.filter((camera) => camera !== undefined) : null;
  }

  /**
   * A viewer's own older sessions give way: unfinished ones when there are too many of them, and any when the device is full,
   * so that whoever comes back after a break does not meet its own shadow. So do those of a viewer who has several, since
   * one alone could keep everybody else out.
   */
  private makeRoom(viewerId: string): boolean {
    if (!this.answered.hasRoomFor(viewerId)) return false;
    const own = [...this.sessions.values()].filter((session) => session.identity.viewerId === viewerId);
    const pending = own.filter((session) => session.state !== 'open');
    if (pending.length >= limits.pendingPerViewerMaxCount) void pending[0]?.close('replaced');
    if (this.sessions.size < this.options.sessionsMaxCount) return true;
    void (own[0] ?? this.oldestOfMany())?.close('replaced');
    return this.sessions.size < this.options.sessionsMaxCount;
  }

  /** The oldest session of the viewer who has the most, if that is more than one. */
  private oldestOfMany(): Session | undefined {
    const byViewer = new Map<string, Session[]>();
    for (const session of this.sessions.values()) {
      const { viewerId } = session.identity;
      byViewer.set(viewerId, [...(byViewer.get(viewerId) ?? []), session]);
    }
    const most = [...byViewer.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    return most.length > 1 ? most[0] : undefined;
  }

  private async openSession(sid: string, hello: OpenedHello, accepted: Acceptance): Promise<void> {
    const { viewerId } = hello;
    const sessionId = Buffer.from(this.options.random(4)).toString('hex');
    const session = this.options.buildSession({
      sessionId,
      viewerId,
      label: accepted.label,
      role: accepted.role,
      cameras: accepted.cameras,
      codec: accepted.codec,
      hears: accepted.hears,
      talks: accepted.talks,
      logger: this.options.logger.child({ session: sessionId, viewer: viewerId.slice(0, 8) }),
      sendSealed: (bytes, delivery) => this.options.send(sid, bytes, delivery),
      onClosed: (ended) => this.handleEnd(sid, ended),
    });
    this.sessions.set(sid, session);
    this.options.send(sid, await this.offerOrRefuse(sid, session, hello), 'at-least-once');
  }

  private async offerOrRefuse(sid: string, session: Session, hello: OpenedHello): Promise<Uint8Array> {
    try {
      const sdp = await session.open();
      const { bytes, channel } = hello.reply(this.buildOffer(session, sdp));
      session.attachSeal(channel);
      this.answered.setReply(sid, bytes);
      return bytes;
    } catch (error) {
      const { code } = SessionError.from(error);
      const level = code === 'internal' ? 'error' : 'info';
      this.options.logger[level]({ session: session.identity.sessionId, error }, 'session could not be opened');
      void session.close(code);
      return hello.reply(refusal(code)).bytes;
    }
  }

  private handleEnd(sid: string, session: Session): void {
    this.sessions.delete(sid);
    this.answered.setReply(sid, null);
    this.ending.add(session.released);
    void session.released.then(() => this.ending.delete(session.released));
  }

  private buildOffer(session: Session, sdp: string): Offer {
    return {
      type: 'offer',
      sdp,
      iceServers: this.options.buildIceServers(session.identity.viewerId),
      role: session.identity.role,
      device: this.options.device,
      cameras: this.options.cameras.map((camera) => camera.info),
      ...session.lines,
    };
  }
}

function refusal(code: SessionErrorCode): Exclude<Reply, { type: 'offer' }> {
  return { type: 'error', code };
}

function isOffered(camera: CameraFeed, codec: VideoCodec): boolean {
  return camera.renditions.some((rendition) => rendition.codec === codec);
}
