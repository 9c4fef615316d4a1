/**
 * What the benchmark watches inside a page, from outside of the product's code: it wraps what the browser brings, before any
 * script of the page runs. Times are on the wall clock (`performance.timeOrigin` added), so that they can be compared with
 * those of other processes of this machine.
 */

/** A step on the way to the first frame, and when it was reached. */
export type Marks = Partial<Record<MarkName, number>>;
export type MarkName =
  | 'helloSent'
  | 'offerArrived'
  | 'connectionMade'
  | 'offerApplied'
  | 'answerMade'
  | 'answerSent'
  | 'answerApplied'
  | 'iceConnected'
  | 'connected'
  | 'firstPacketArrived'
  | 'firstFrame';

/** One frame that reached the screen. */
export interface SeenFrame {
  /** When the page learned of it. */
  atMs: number;
  /** When it is to be seen. */
  displayAtMs: number;
  width: number;
  /** How old the clock in the picture was at `atMs`, in ms modulo 65536; null where it was not read. */
  clockAgeMs: number | null;
}

export interface ProbeOptions {
  /** Of the device's candidates, only those with these ports are let through. */
  relayPorts: readonly [number, number] | null;
  /** The clock in the picture: number of cells, and how many of them would fill the width. */
  clock: { bits: number; cellsPerWidth: number };
}

export interface Probe {
  marks: Marks;
  frames: SeenFrame[];
  /** Read the clock of every so many frames; 0: of none. It costs the page a few milliseconds each time. */
  readClockEvery: number;
  connection: RTCPeerConnection | null;
  /** Attaches itself to a video element that gets a stream. */
  watch(video: HTMLVideoElement): void;
}

declare global {
  interface Window {
    benchProbe: Probe;
  }
}

/** What is wrapped of a connection, without the forms that take callbacks. */
type PlainConnection = Omit<RTCPeerConnection, keyof Methods> & Methods;
interface Methods {
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void>;
  createAnswer(): Promise<RTCSessionDescriptionInit>;
  addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void>;
}

/** Runs in the page, as text: it uses nothing from outside itself. */
export function installProbe({ relayPorts, clock }: ProbeOptions): void {
  const nowMs = () => performance.timeOrigin + performance.now();
  const marks: Marks = {};
  const mark = (name: MarkName) => {
    marks[name] ??= nowMs();
  };

  const canvas = new OffscreenCanvas(clock.bits, 1).getContext('2d', { willReadFrequently: true });
  const readClockAgeMs = (video: HTMLVideoElement): number | null => {
    if (!canvas) return null;
    const cell = video.videoWidth / clock.cellsPerWidth;
    // Date.now() and the clock in the picture both leave out the fraction of the millisecond.
    const readAtMs = Date.now();
    canvas.imageSmoothingEnabled = false;
    canvas.drawImage(video, 0, video.videoHeight - 0.6 * cell, clock.bits * cell, 0.2 * cell, 0, 0, clock.bits, 1);
    const { data } = canvas.getImageData(0, 0, clock.bits, 1);
    let shown = 0;
    for (let bit = 0; bit < clock.bits; bit += 1) shown = 2 * shown + ((data[4 * bit] ?? 0) > 127 ? 1 : 0);
    return (readAtMs - shown) & (2 ** clock.bits - 1);
  };

  const probe: Probe = {
    marks,
    frames: [],
    readClockEvery: 0,
    connection: null,
    watch(video) {
      const stream = video.srcObject;
      let count = 0;
      const next: VideoFrameRequestCallback = (_now, { expectedDisplayTime, width, receiveTime }) => {
        if (video.srcObject !== stream) return;
        const atMs = nowMs();
        if (count === 0 && receiveTime !== undefined) marks.firstPacketArrived ??= performance.timeOrigin + receiveTime;
        mark('firstFrame');
        const isRead = probe.readClockEvery > 0 && count % probe.readClockEvery === 0;
        const clockAgeMs = isRead ? readClockAgeMs(video) : null;
        probe.frames.push({ atMs, displayAtMs: performance.timeOrigin + expectedDisplayTime, width, clockAgeMs });
        count += 1;
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    },
  };
  window.benchProbe = probe;

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...source,
    set(this: HTMLMediaElement, stream: MediaStream | null) {
      source?.set?.call(this, stream);
      if (stream && this instanceof HTMLVideoElement) probe.watch(this);
    },
  });

  const NativeWebSocket = window.WebSocket;
  // An MQTT packet with a sealed hello or offer is this long at least; what keeps a connection alive is shorter.
  const sealedMinBytes = 300;
  window.WebSocket = class extends NativeWebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        if (marks.helloSent && (data.byteLength ?? data.size) > sealedMinBytes) mark('offerArrived');
      });
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (typeof data === 'object' && 'byteLength' in data && data.byteLength > sealedMinBytes)
        mark(marks.answerMade ? 'answerSent' : 'helloSent');
      super.send(data);
    }
  } as typeof WebSocket;

  const isWanted = (candidate: string) => {
    const port = Number(candidate.split(' ')[5]);
    return !relayPorts || (port >= relayPorts[0] && port <= relayPorts[1]);
  };
  const NativeConnection = window.RTCPeerConnection as unknown as new (config?: RTCConfiguration) => PlainConnection;
  window.RTCPeerConnection = class extends NativeConnection {
    constructor(config?: RTCConfiguration) {
      super(config);
      mark('connectionMade');
      probe.connection = this as unknown as RTCPeerConnection;
      this.addEventListener('iceconnectionstatechange', () => {
        if (this.iceConnectionState === 'connected') mark('iceConnected');
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') mark('connected');
      });
    }

    override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const keep = (line: string) => (isWanted(line) ? line : '');
      const sdp = description.sdp?.replace(/^a=candidate:[^\r\n]*\r?\n/gm, keep);
      await super.setRemoteDescription({ ...description, sdp });
      mark('offerApplied');
    }

    override async createAnswer(): Promise<RTCSessionDescriptionInit> {
      const answer = await super.createAnswer();
      mark('answerMade');
      return answer;
    }

    override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      await super.setLocalDescription(description);
      mark('answerApplied');
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      if (!candidate?.candidate || isWanted(candidate.candidate)) await super.addIceCandidate(candidate);
    }
  } as unknown as typeof RTCPeerConnection;
}
