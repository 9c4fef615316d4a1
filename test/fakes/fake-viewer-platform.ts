import type { PeerPlatform } from '../../viewer/client/peer-platform.ts';
import { addUpLines, type LineCounters, type VideoCounters } from '../../viewer/client/video-counters.ts';
import { chromiumAnswer } from '../helpers/protocol-descriptions.ts';

export class FakeDataChannel {
  readonly label: string;
  readonly sent: string[] = [];
  readyState: 'connecting' | 'open' | 'closed' = 'open';
  binaryType = 'blob';
  throwsOnSend = false;
  onSent: (text: string) => void = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};
  onclose: () => void = () => {};
  onopen: () => void = () => {};

  constructor(label: string) {
    this.label = label;
  }

  send(text: string): void {
    if (this.throwsOnSend) throw new Error('the buffer is full');
    this.sent.push(text);
    this.onSent(text);
  }

  close(): void {
    this.readyState = 'closed';
  }

  get messages(): Record<string, unknown>[] {
    return this.sent.map((text) => JSON.parse(text));
  }
}

/** As much of RTCPeerConnection as the client uses, in which the test opens the channels. */
export class FakeConnection {
  readonly channels = new Map<string, FakeDataChannel>();
  readonly descriptions: string[] = [];
  readonly candidates: string[] = [];
  connectionState = 'new';
  isClosed = false;
  /** Whether pings are answered. */
  isAlive = true;
  onicecandidate: (event: { candidate: { candidate: string; sdpMid: string } | null }) => void = () => {};
  ontrack: (event: { track: object; transceiver: { mid: string } }) => void = () => {};
  ondatachannel: (event: { channel: FakeDataChannel }) => void = () => {};
  onconnectionstatechange: () => void = () => {};

  getTransceivers(): object[] {
    return [{ mid: 'audio', direction: 'recvonly', sender: { replaceTrack: async () => {} } }];
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.descriptions.push(sdp);
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    return { type: 'answer', sdp: chromiumAnswer };
  }

  async setLocalDescription(): Promise<void> {}

  async addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    this.candidates.push(candidate);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The path is up. */
  connect(): void {
    for (const label of ['rpc', 'control', 'bulk']) this.openChannel(label);
  }

  openChannel(label: string): FakeDataChannel {
    const channel = new FakeDataChannel(label);
    if (label === 'control') channel.onSent = (text) => this.answerPing(text);
    if (!this.channels.has(label)) this.channels.set(label, channel);
    this.ondatachannel({ channel });
    return channel;
  }

  channel(label: string): FakeDataChannel {
    const channel = this.channels.get(label);
    if (!channel) throw new Error(`${label} is not open`);
    return channel;
  }

  private answerPing(text: string): void {
    const message = JSON.parse(text);
    if (message.type !== 'ping' || !this.isAlive) return;
    const pong = { type: 'pong', pingSentAtMs: message.sentAtMs, receivedAtMs: 0, sentAtMs: 0 };
    queueMicrotask(() => this.channel('control').onmessage({ data: JSON.stringify(pong) }));
  }
}

/** Of the line of `fakeOffer`. */
export const noLineCounters: LineCounters = {
  mid: 'video0',
  framesDecoded: 0,
  bytesReceived: 0,
  packetsReceived: 0,
  packetsLost: 0,
  jitterBufferDelayMs: 0,
  jitterBufferFrames: 0,
  freezeCount: 0,
  width: null,
  height: null,
  codec: null,
};

export const countersOf = (...lines: LineCounters[]): VideoCounters =>
  addUpLines(lines, { localCandidate: null, remoteCandidate: null });

export class FakeViewerPlatform implements PeerPlatform {
  readonly connections: FakeConnection[] = [];
  readonly networkListeners = new Set<() => void>();
  private readonly microphones: { isStopped: boolean }[] = [];
  counters: Promise<VideoCounters> = Promise.resolve(countersOf(noLineCounters));

  createConnection(): RTCPeerConnection {
    const connection = new FakeConnection();
    this.connections.push(connection);
    return connection as unknown as RTCPeerConnection;
  }

  supportedCodecs(): string[] {
    return ['h264', 'vp8'];
  }

  readVideoCounters(): Promise<VideoCounters> {
    return this.counters;
  }

  /** Of all that were opened, those that have not been let go of. */
  get microphonesOn(): number {
    return this.microphones.filter(({ isStopped }) => !isStopped).length;
  }

  async openMicrophone(): Promise<MediaStreamTrack> {
    const microphone = {
      isStopped: false,
      stop() {
        this.isStopped = true;
      },
    };
    this.microphones.push(microphone);
    return microphone as unknown as MediaStreamTrack;
  }

  onNetworkUp(listener: () => void): () => void {
    this.networkListeners.add(listener);
    return () => this.networkListeners.delete(listener);
  }

  get last(): FakeConnection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error('there is no connection');
    return connection;
  }

  get openConnections(): FakeConnection[] {
    return this.connections.filter((connection) => !connection.isClosed);
  }
}
