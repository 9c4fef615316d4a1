import { vi } from 'vitest';
import { Session, type SessionOptions } from '../../agent/session/session.ts';
import { systemClock } from '../../agent/system/clock.ts';
import { transportMessageSchema } from '../../protocol/messages.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import { FakeCameraFeed } from '../fakes/fake-camera-feed.ts';
import { FakePeer } from '../fakes/fake-peer.ts';
import { FakeLogger } from '../fakes/support-logger.ts';
import { chromiumAnswer } from './protocol-descriptions.ts';
import { shakeHands } from './protocol-handshake.ts';

export const candidate = 'candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host';

/** One session on the device with everything around it played by hand. Needs fake timers. */
export class SessionBench {
  readonly logger = new FakeLogger();
  readonly camera = new FakeCameraFeed();
  readonly onOpen = vi.fn();
  readonly onClosed = vi.fn();
  readonly rpcClosed = vi.fn();
  readonly rpcReceived: unknown[] = [];
  readonly sealedBytes: Uint8Array[] = [];
  readonly session: Session;
  sendBulk: (data: Uint8Array, mediaType: string) => unknown = () => {
    throw new RpcError('unavailable', 'no session');
  };
  private readonly viewerEnd: SealedChannel;
  private readonly deviceEnd: SealedChannel;
  private currentPeer: FakePeer | null = null;

  constructor(options: Partial<SessionOptions> & { preparePeer?(peer: FakePeer): void } = {}) {
    const channels = shakeHands();
    this.viewerEnd = channels.viewer;
    this.deviceEnd = channels.device;
    this.session = new Session({
      sessionId: 'abcd1234',
      label: 'Kitchen',
      viewerId: 'a'.repeat(32),
      role: 'view',
      cameras: [this.camera],
      codec: 'h264',
      audio: null,
      talk: null,
      ice: { servers: [] },
      clock: systemClock,
      logger: this.logger,
      random: (lengthBytes) => new Uint8Array(lengthBytes).fill(7),
      buildPeer: (peerOptions) => {
        this.currentPeer = new FakePeer(peerOptions);
        options.preparePeer?.(this.currentPeer);
        return this.currentPeer;
      },
      openRpc: (link) => {
        this.sendBulk = link.sendBulk;
        return { handleMessage: (data) => this.rpcReceived.push(data), close: this.rpcClosed };
      },
      sendSealed: (bytes) => this.sealedBytes.push(bytes),
      onOpen: this.onOpen,
      onClosed: this.onClosed,
      ...options,
    });
  }

  get peer(): FakePeer {
    if (!this.currentPeer) throw new Error('the session has no peer');
    return this.currentPeer;
  }

  /** What the device has said through the broker. */
  readonly sealed = () => this.sealedBytes.map((bytes) => this.openSealed(bytes));

  /** A message of the viewer through the broker. */
  say(message: object): void {
    this.session.handleSealed(this.viewerEnd.seal(message));
  }

  /** Up to the offer. */
  async offer(): Promise<string> {
    const sdp = await this.session.open();
    this.session.attachSeal(this.deviceEnd);
    return sdp;
  }

  /** Up to a working session. */
  async connect(): Promise<void> {
    await this.offer();
    this.say({ type: 'answer', sdp: chromiumAnswer });
    this.peer.connect();
  }

  ping(): void {
    this.peer.receive('control', JSON.stringify({ type: 'ping', sentAtMs: 5 }));
  }

  private openSealed(bytes: Uint8Array): unknown {
    const opened = this.viewerEnd.open(bytes);
    if (!opened.ok) throw new Error(`not sealed for the viewer: ${opened.error}`);
    return transportMessageSchema.parse(opened.value);
  }
}
