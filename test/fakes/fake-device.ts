import { nodeDiffieHellman } from '../../agent/access/node-diffie-hellman.ts';
import { type Hello, helloSchema, type Reply, type TransportMessage } from '../../protocol/messages.ts';
import { frameKind, type SealedChannel } from '../../protocol/sealed-channel.ts';
import { openHello } from '../../protocol/sealing.ts';
import { libdatachannelOffer } from '../helpers/protocol-descriptions.ts';
import type { FakeSignaling } from './fake-signaling.ts';

export const fakeEpoch = Buffer.alloc(16, 7).toString('base64url');

export const fakeOffer: Extract<Reply, { type: 'offer' }> = {
  type: 'offer',
  sdp: libdatachannelOffer,
  iceServers: [{ urls: ['stun:stun.example'] }],
  role: 'view',
  device: { name: 'Barn', version: '1.0.0' },
  cameras: [{ id: 'cam0', name: 'Door', state: 'live' }],
  streams: [{ mid: 'video0', camera: 'cam0' }],
};

/** The device at the other end of a {@link FakeSignaling}: real sealing, and answers as the test wants them. */
export class FakeDevice {
  readonly keys = nodeDiffieHellman.generateKeyPair();
  readonly hellos: Hello[] = [];
  readonly received: TransportMessage[] = [];
  /** Null: silence. */
  answer: (hello: Hello) => Reply | null = () => fakeOffer;
  onMessage: (message: TransportMessage) => void = () => {};
  private readonly signaling: FakeSignaling;
  private readonly channels = new Map<string, SealedChannel>();
  private lastSid = '';

  constructor(signaling: FakeSignaling) {
    this.signaling = signaling;
    signaling.onSent = (sid, bytes) => this.handle(sid, bytes);
  }

  /** Sends a sealed message in the latest session. */
  say(message: TransportMessage): void {
    const channel = this.channels.get(this.lastSid);
    if (channel) this.signaling.deliver(this.lastSid, channel.seal(message));
  }

  /** Something that somebody else sends to the viewer of the latest hello. */
  forge(bytes: Uint8Array): void {
    this.signaling.deliver(this.lastSid, bytes);
  }

  private handle(sid: string, bytes: Uint8Array): void {
    if (bytes[0] === frameKind.hello) this.handleHello(sid, bytes);
    else {
      const opened = this.channels.get(sid)?.open(bytes);
      if (!opened?.ok) throw new Error('the viewer sent what does not open');
      this.received.push(opened.value as TransportMessage);
      this.onMessage(opened.value as TransportMessage);
    }
  }

  private handleHello(sid: string, bytes: Uint8Array): void {
    const opened = openHello({ dh: nodeDiffieHellman, deviceKeys: this.keys, sid }, bytes);
    if (!opened.ok) throw new Error(`the hello was refused: ${opened.error}`);
    const hello = helloSchema.parse(opened.value.payload);
    this.lastSid = sid;
    this.hellos.push(hello);
    const reply = this.answer(hello);
    if (!reply) return;
    const { bytes: replyBytes, channel } = opened.value.reply(reply);
    this.channels.set(sid, channel);
    this.signaling.deliver(sid, replyBytes);
  }
}
