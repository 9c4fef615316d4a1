import { encodeNack, encodePictureLoss, encodeReceiverReport } from './receiver-feedback.ts';

/** Totals of one received video stream. */
export interface ReceivedVideo {
  framesReceived: number;
  keyframesReceived: number;
  bytesReceived: number;
  packetsReceived: number;
  packetsLost: number;
}

interface FrameInProgress {
  timestamp: number;
  firstSequence: number;
  packets: number;
  lastSequence: number | null;
  hasIdr: boolean;
}

const reportIntervalMs = 1_000;
const receiverSsrc = 1;
const headerMinBytes = 12;
const framesKept = 8;
const frameEndsKept = 64;

/**
 * Receives H.264 over RTP (RFC 6184) as far as counting needs it: which packets and which whole frames have arrived. Asks
 * for lost packets again and reports to the sender once a second, as a browser does, but decodes nothing.
 */
export class VideoReceiver {
  private readonly send: (rtcp: Buffer) => void;
  private readonly onFrame: (rtpTimestamp: number) => void;
  private readonly nowMs: () => number;
  private readonly frames: FrameInProgress[] = [];
  /** Sequence numbers of the last packets of recent frames: what follows one of them begins a frame. */
  private readonly frameEnds: number[] = [];
  private readonly counts = { framesReceived: 0, keyframesReceived: 0, bytesReceived: 0, packetsReceived: 0 };
  private timer: NodeJS.Timeout | null = null;
  private ssrc: number | null = null;
  private firstExtended = 0;
  private highestExtended = 0;
  /** The extended sequence number that was last seen under each of the 16-bit ones. */
  private readonly seen = new Int32Array(65_536).fill(-1);
  private atLastReport = { received: 0, expected: 0 };
  private senderReport = { ntp: 0, atMs: 0 };

  /** @param options.onFrame told of each whole frame that could be decoded: those from the first keyframe on */
  constructor(options: { send(rtcp: Buffer): void; onFrame(rtpTimestamp: number): void; nowMs?: () => number }) {
    this.send = options.send;
    this.onFrame = options.onFrame;
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  get video(): ReceivedVideo {
    return { ...this.counts, packetsLost: Math.max(0, this.expectedCount - this.counts.packetsReceived) };
  }

  start(): void {
    this.timer ??= setInterval(() => this.report(), reportIntervalMs);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** Takes an RTP or an RTCP packet; the second byte tells them apart (RFC 5761 section 4). */
  handlePacket(packet: Buffer): void {
    if (packet.length < headerMinBytes) return;
    const type = packet.readUInt8(1);
    if (type >= 192 && type <= 223) this.handleRtcp(packet, type);
    else this.handleRtp(packet);
  }

  private get expectedCount(): number {
    return this.ssrc === null ? 0 : this.highestExtended - this.firstExtended + 1;
  }

  private handleRtcp(packet: Buffer, type: number): void {
    // Sender report: the middle 32 bits of its NTP time come back in our report and give the sender the round trip.
    if (type === 200 && packet.length >= 28) this.senderReport = { ntp: packet.readUInt32BE(10), atMs: this.nowMs() };
  }

  private handleRtp(packet: Buffer): void {
    const ssrc = packet.readUInt32BE(8);
    const payload = payloadOf(packet);
    this.counts.bytesReceived += packet.length;
    if (this.ssrc !== null && ssrc !== this.ssrc) {
      this.handleRepair(packet, payload);
      return;
    }
    this.counts.packetsReceived += 1;
    this.handleMedia(packet, packet.readUInt16BE(2), payload);
  }

  /**
   * What is sent again comes under an SSRC with sequence numbers of its own, and with the original one in front of the payload
   * (RFC 4588 section 4). It does not count as received: the loss has happened.
   */
  private handleRepair(packet: Buffer, payload: Buffer): void {
    if (payload.length < 2) return;
    this.handleMedia(packet, payload.readUInt16BE(0), payload.subarray(2));
  }

  private handleMedia(packet: Buffer, sequence: number, payload: Buffer): void {
    const isNew = this.trackSequence(sequence, packet.readUInt32BE(8));
    if (!isNew || payload.length < 2) return;
    const hasMarker = (packet.readUInt8(1) & 0x80) !== 0;
    this.addToFrame(sequence, packet.readUInt32BE(4), hasMarker, payload);
  }

  /** @returns false for a packet that has been here before, such as one that was sent again without need */
  private trackSequence(sequence: number, ssrc: number): boolean {
    if (this.ssrc === null) {
      this.ssrc = ssrc;
      this.firstExtended = sequence;
      this.highestExtended = sequence;
    }
    const ahead = ((sequence - this.highestExtended + 0x8000) & 0xffff) - 0x8000;
    const extended = this.highestExtended + ahead;
    const isNew = this.seen[sequence] !== extended;
    this.seen[sequence] = extended;
    if (ahead > 0) this.askForMissing(ahead - 1, this.ssrc);
    this.highestExtended = Math.max(this.highestExtended, extended);
    return isNew;
  }

  private askForMissing(missing: number, ssrc: number): void {
    if (missing > 100) this.send(encodePictureLoss(receiverSsrc, ssrc));
    else {
      for (let at = 0; at < missing; at += 17) {
        this.send(encodeNack(receiverSsrc, ssrc, this.highestExtended + 1 + at, Math.min(17, missing - at)));
      }
    }
  }

  private addToFrame(sequence: number, timestamp: number, hasMarker: boolean, payload: Buffer): void {
    let frame = this.frames.find((known) => known.timestamp === timestamp);
    if (!frame) {
      frame = { timestamp, firstSequence: sequence, packets: 0, lastSequence: null, hasIdr: false };
      this.frames.push(frame);
      if (this.frames.length > framesKept) this.frames.shift();
    }
    frame.packets += 1;
    if (((frame.firstSequence - sequence) & 0xffff) < 0x8000) frame.firstSequence = sequence;
    if (hasMarker) this.handleFrameEnd(frame, sequence);
    frame.hasIdr ||= startsIdr(payload);
    // The packet of another frame may have been what this one waited for.
    for (const waiting of [...this.frames]) if (this.isWhole(waiting)) this.finishFrame(waiting);
  }

  private handleFrameEnd(frame: FrameInProgress, sequence: number): void {
    frame.lastSequence = sequence;
    this.frameEnds.push(sequence);
    if (this.frameEnds.length > frameEndsKept) this.frameEnds.shift();
  }

  /** From the packet after another frame's last one to its own last one (RFC 6184 5.1, marker bit), nothing is missing. */
  private isWhole({ firstSequence, lastSequence, packets }: FrameInProgress): boolean {
    if (lastSequence === null || ((lastSequence - firstSequence) & 0xffff) + 1 !== packets) return false;
    return firstSequence === (this.firstExtended & 0xffff) || this.frameEnds.includes((firstSequence - 1) & 0xffff);
  }

  private finishFrame(frame: FrameInProgress): void {
    this.frames.splice(this.frames.indexOf(frame), 1);
    this.counts.framesReceived += 1;
    if (frame.hasIdr) this.counts.keyframesReceived += 1;
    if (this.counts.keyframesReceived > 0) this.onFrame(frame.timestamp);
  }

  private report(): void {
    if (this.ssrc === null) return;
    const received = this.counts.packetsReceived - this.atLastReport.received;
    const expected = this.expectedCount - this.atLastReport.expected;
    this.atLastReport = { received: this.counts.packetsReceived, expected: this.expectedCount };
    this.send(
      encodeReceiverReport({
        receiverSsrc,
        senderSsrc: this.ssrc,
        lossFraction: expected > 0 ? Math.max(0, 1 - received / expected) : 0,
        lostCount: this.video.packetsLost,
        extendedSequence: this.highestExtended,
        lastReport: this.senderReport.ntp,
        sinceLastReportMs: this.nowMs() - this.senderReport.atMs,
      }),
    );
  }
}

/** What follows the fixed header, the CSRC list and the header extension (RFC 3550 5.1 and 5.3.1). */
function payloadOf(packet: Buffer): Buffer {
  const first = packet.readUInt8(0);
  let at = headerMinBytes + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0 && packet.length >= at + 4) at += 4 + 4 * packet.readUInt16BE(at + 2);
  return packet.subarray(Math.min(at, packet.length));
}

/** A single IDR slice, or the first fragment of one (FU-A, RFC 6184 5.8). */
function startsIdr(payload: Buffer): boolean {
  const type = payload.readUInt8(0) & 0x1f;
  const fragment = payload.readUInt8(1);
  return type === 5 || (type === 28 && (fragment & 0x1f) === 5 && (fragment & 0x80) !== 0);
}
