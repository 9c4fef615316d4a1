import type { Peer, PeerChannel, PeerOptions, PeerPath } from '../../agent/rtc/peer.ts';
import { libdatachannelOffer } from '../helpers/protocol-descriptions.ts';

/** An open data channel: keeps what the device sends, and lets the test say how much of it is still waiting. */
export class FakePeerChannel implements PeerChannel {
  readonly sent: (string | Uint8Array)[] = [];
  bufferedBytes = 0;
  isOpen = true;
  private drained: () => void = () => {};
  private thresholdBytes = 0;

  send(data: string | Uint8Array): boolean {
    if (!this.isOpen) return false;
    this.sent.push(data);
    return true;
  }

  onDrained(thresholdBytes: number, listener: () => void): void {
    this.thresholdBytes = thresholdBytes;
    this.drained = listener;
  }

  /** The network takes what waited. */
  drain(toBytes = 0): void {
    const before = this.bufferedBytes;
    this.bufferedBytes = toBytes;
    if (before > this.thresholdBytes && toBytes <= this.thresholdBytes) this.drained();
  }

  get messages(): Record<string, unknown>[] {
    return this.sent.filter((data) => typeof data === 'string').map((text) => JSON.parse(text as string));
  }
}

/** A peer connection without a network, in which the test decides what happens. */
export class FakePeer implements Peer {
  readonly options: PeerOptions;
  readonly channels = new Map<string, FakePeerChannel>();
  readonly answers: string[] = [];
  readonly candidates: string[] = [];
  readonly packets: Buffer[] = [];
  offer: Promise<string> = Promise.resolve(libdatachannelOffer);
  path: PeerPath | null = { localKind: 'host', remoteKind: 'host' };
  refusesAnswer = false;
  failsToClose = false;
  closeCount = 0;

  constructor(options: PeerOptions) {
    this.options = options;
  }

  createOffer(): Promise<string> {
    return this.offer;
  }

  acceptAnswer(sdp: string): void {
    if (this.refusesAnswer) throw new Error('no such media');
    this.answers.push(sdp);
  }

  addCandidate(candidate: string): void {
    // As the native library does, which takes none before the answer.
    if (this.answers.length === 0) throw new Error('a candidate before the answer');
    this.candidates.push(candidate);
  }

  async close(): Promise<void> {
    this.closeCount += 1;
    for (const channel of this.channels.values()) channel.isOpen = false;
    if (this.failsToClose) throw new Error('the native object is gone');
  }

  /** The path is up: all channels and tracks open. */
  connect(): void {
    for (const line of this.options.channels) {
      const channel = new FakePeerChannel();
      this.channels.set(line.label, channel);
      line.onOpen(channel);
    }
    for (const line of this.options.mediaLines) {
      this.options.onTrackOpen(line.mid, {
        send: (packet) => {
          this.packets.push(Buffer.from(packet));
          return true;
        },
      });
    }
  }

  channel(label: string): FakePeerChannel {
    const channel = this.channels.get(label);
    if (!channel) throw new Error(`${label} is not open`);
    return channel;
  }

  /** A message of the viewer. */
  receive(label: string, data: string | Buffer): void {
    this.options.channels.find((line) => line.label === label)?.onMessage(data);
  }

  closeChannel(label: string): void {
    this.options.channels.find((line) => line.label === label)?.onClosed();
  }
}
