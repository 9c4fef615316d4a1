import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { nodeDiffieHellman } from '../../agent/access/node-diffie-hellman.ts';
import { Epochs } from '../../agent/session/epochs.ts';
import { Session } from '../../agent/session/session.ts';
import { type Admission, SessionManager, type SessionManagerOptions } from '../../agent/session/session-manager.ts';
import { systemClock } from '../../agent/system/clock.ts';
import { deriveId, type KeyPair } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import { encodeRandomId, type Reply, replySchema } from '../../protocol/messages.ts';
import { success } from '../../protocol/result.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import { HelloSeal } from '../../protocol/sealing.ts';
import { FakeCameraFeed } from '../fakes/fake-camera-feed.ts';
import { FakePeer } from '../fakes/fake-peer.ts';
import { FakeLogger } from '../fakes/support-logger.ts';
import { chromiumAnswer } from './protocol-descriptions.ts';

/** A device without network and camera, to which any number of viewers can say hello. Needs fake timers. */
/** What a viewer without further rights is let in with. */
export const viewAdmission: Admission = {
  label: 'Kitchen',
  role: 'view',
  rights: { audio: true, talk: false },
};

export class ManagerBench {
  readonly logger = new FakeLogger();
  readonly deviceKeys = nodeDiffieHellman.generateKeyPair();
  readonly cameras = [new FakeCameraFeed('cam0'), new FakeCameraFeed('cam1')];
  readonly peers: FakePeer[] = [];
  readonly sent: { sid: string; bytes: Uint8Array }[] = [];
  readonly authorise = vi.fn<SessionManagerOptions['authorise']>(async () => success(viewAdmission));
  /** Viewers that have a grant already. */
  readonly paired = new Set<string>();
  readonly epochs: Epochs;
  readonly manager: SessionManager;

  constructor(
    options: Partial<SessionManagerOptions> & { preparePeer?(peer: FakePeer): void; epochIntervalMs?: number } = {},
  ) {
    this.epochs = new Epochs({
      random: randomBytes,
      intervalMs: options.epochIntervalMs ?? limits.epochIntervalMs,
      onRenewed: (generation) => this.manager.renewEpoch(generation),
    });
    this.manager = new SessionManager({
      deviceKeys: this.deviceKeys,
      device: { name: 'bench', version: '1.0.0' },
      dh: nodeDiffieHellman,
      epochs: this.epochs,
      clock: systemClock,
      cameras: this.cameras,
      sessionsMaxCount: 8,
      logger: this.logger,
      random: randomBytes,
      isPaired: (viewerId) => this.paired.has(viewerId),
      authorise: this.authorise,
      buildIceServers: (viewerId) => [{ urls: ['turn:turn.example'], username: viewerId, credential: 'secret' }],
      buildSession: (seed) =>
        new Session({
          ...seed,
          audio: null,
          talk: null,
          ice: { servers: [] },
          clock: systemClock,
          random: randomBytes,
          onOpen() {},
          buildPeer: (peerOptions) => {
            const peer = new FakePeer(peerOptions);
            options.preparePeer?.(peer);
            this.peers.push(peer);
            return peer;
          },
          openRpc: () => ({ handleMessage() {}, close() {} }),
        }),
      send: (sid, bytes) => this.sent.push({ sid, bytes }),
      ...options,
    });
  }

  /** Ends everything and gives back what could be left: no timer, no camera and no peer, it is hoped. */
  async stop(): Promise<{ timers: number; camerasHeld: number; peersOpen: number }> {
    const stopped = this.manager.stop();
    await vi.advanceTimersByTimeAsync(200);
    await stopped;
    this.epochs.stop();
    const camerasHeld = this.cameras.filter((camera) => !camera.isReleased).length;
    for (const camera of this.cameras) camera.hub.close();
    return { timers: vi.getTimerCount(), camerasHeld, peersOpen: this.openPeers.length };
  }

  get openPeers(): FakePeer[] {
    return this.peers.filter((peer) => peer.closeCount === 0);
  }
}

/** One attempt of one viewer. */
export class BenchViewer {
  readonly keys: KeyPair;
  readonly sid: string;
  private readonly bench: ManagerBench;
  private seal: HelloSeal | null = null;
  /** The viewer's end of the sealed channel, once there is an answer. */
  channel: SealedChannel | null = null;

  constructor(
    bench: ManagerBench,
    keys: KeyPair = nodeDiffieHellman.generateKeyPair(),
    sid = encodeRandomId(randomBytes(16)),
  ) {
    this.bench = bench;
    this.sid = sid;
    this.keys = keys;
  }

  get viewerId(): string {
    return deriveId(this.keys.publicKey);
  }

  /** The bytes of a hello; those of the first one when there was one. */
  buildHello(fields: object = {}): Uint8Array {
    this.seal ??= new HelloSeal({
      dh: nodeDiffieHellman,
      viewerKeys: this.keys,
      devicePublicKey: this.bench.deviceKeys.publicKey,
      sid: this.sid,
      hello: { type: 'hello', epoch: this.bench.epochs.current, codecs: ['h264'], want: {}, ...fields },
    });
    return this.seal.bytes;
  }

  /** Says hello and lets the device answer. @returns the reply; null when there is none */
  async hello(fields: object = {}): Promise<Reply | null> {
    this.bench.manager.handleMessage(this.sid, this.buildHello(fields));
    await vi.advanceTimersByTimeAsync(0);
    return this.readReply();
  }

  /** From the hello to an open session. */
  async connect(fields: object = {}): Promise<FakePeer> {
    const reply = await this.hello(fields);
    if (reply?.type !== 'offer' || !this.channel) throw new Error(`no offer but ${JSON.stringify(reply)}`);
    this.say({ type: 'answer', sdp: chromiumAnswer });
    const peer = this.bench.peers.at(-1);
    if (!peer) throw new Error('no peer');
    peer.connect();
    return peer;
  }

  say(message: object): void {
    this.bench.manager.handleMessage(this.sid, this.channel?.seal(message) ?? new Uint8Array());
  }

  /** All that the device has sent to this attempt. */
  get received(): Uint8Array[] {
    return this.bench.sent.filter(({ sid }) => sid === this.sid).map(({ bytes }) => bytes);
  }

  private readReply(): Reply | null {
    const bytes = this.received[0];
    const opened = bytes && this.seal?.openReply(bytes);
    if (!opened?.ok) return null;
    this.channel = opened.value.channel;
    return replySchema.parse(opened.value.payload);
  }
}
