import type { Buffer } from 'node:buffer';
import type { MediaClock } from './media-clock.ts';
import type { PacketizedUnit } from './packetized-unit.ts';
import type { RenditionHub, RenditionSubscriber } from './rendition-hub.ts';
import { parseRtcp, type ReportBlock, type RtcpItem } from './rtcp-parser.ts';
import { buildSenderReport, compactNtp, ntpTimeOf } from './rtcp-writer.ts';
import { type PacketTransport, RtpWriter } from './rtp-writer.ts';
import { SenderReportLog } from './sender-report-log.ts';
import type { TransportSequence } from './transport-sequence.ts';

export interface VideoSenderOptions {
  hub: RenditionHub;
  transport: PacketTransport;
  /** Shared by all senders of the same peer connection. */
  transportSequence: TransportSequence;
  /** 32 bits, as announced in the SDP. */
  ssrc: number;
  /** 7 bits, as announced in the SDP. */
  payloadType: number;
  /** RTCP canonical name, the same for all lines of a peer connection. */
  cname: string;
  clock: MediaClock;
}

export interface VideoSenderStats {
  /** RTP packets that the transport took, resent ones included. */
  packetsSent: number;
  /** Their size with RTP headers. */
  bytesSent: number;
  framesSent: number;
  /** Left out, whole or in part, because the transport refused a packet, until the next keyframe. */
  framesDropped: number;
  nacksReceived: number;
  packetsResent: number;
  /** Asked for again, but too old or never sent. */
  nackedPacketsUnknown: number;
  pliReceived: number;
  firReceived: number;
  rtcpMalformed: number;
  twccFeedbacks: number;
  twccPacketsReported: number;
  twccPacketsLost: number;
  /** Null until the viewer has answered a sender report. */
  rttMs: number | null;
  /** 0 to 1, of the viewer's last receiver report. */
  lossFraction: number;
}

/**
 * `joining` and `dropping` both wait for a keyframe; only in `dropping` has the viewer seen pictures that now stop.
 */
type SenderState = 'idle' | 'joining' | 'streaming' | 'dropping' | 'closed';

const senderReportIntervalMs = 1_000;

// How long a packet that was sent again is given to arrive: the round trip, or this while it is unknown, and never
// less than the minimum, since the round trip is computed from what the viewer claims.
const resendPauseDefaultMs = 100;
const resendPauseMinMs = 10;

/**
 * Sends one rendition to one viewer on one video line, answers the viewer's reports and writes sender reports. What
 * must go on when the viewer is moved to another rendition lives in its `RtpWriter`.
 */
export class VideoSender implements RenditionSubscriber {
  private readonly hub: RenditionHub;
  private readonly writer: RtpWriter;
  private readonly ssrc: number;
  private readonly cname: string;
  private readonly clock: MediaClock;
  private readonly senderReports = new SenderReportLog();
  private state: SenderState = 'idle';
  private reportTimer: NodeJS.Timeout | undefined;
  private readonly counts = {
    framesSent: 0,
    framesDropped: 0,
    nacksReceived: 0,
    packetsResent: 0,
    nackedPacketsUnknown: 0,
    pliReceived: 0,
    firReceived: 0,
    rtcpMalformed: 0,
    twccFeedbacks: 0,
    twccPacketsReported: 0,
    twccPacketsLost: 0,
  };
  private rttMs: number | null = null;
  private lossFraction = 0;

  constructor(options: VideoSenderOptions) {
    const { hub, transport, transportSequence, ssrc, payloadType, cname, clock } = options;
    this.hub = hub;
    this.writer = new RtpWriter({ transport, transportSequence, stream: { ssrc, payloadType } });
    this.ssrc = ssrc;
    this.cname = cname;
    this.clock = clock;
  }

  get stats(): VideoSenderStats {
    const { packetsSent, bytesSent } = this.writer;
    return { packetsSent, bytesSent, ...this.counts, rttMs: this.rttMs, lossFraction: this.lossFraction };
  }

  /** Begins to send, with a keyframe first. Call it once the transport takes packets. */
  open(): void {
    if (this.state !== 'idle') return;
    this.state = 'joining';
    this.reportTimer = setInterval(() => this.sendReport(), senderReportIntervalMs);
    this.hub.subscribe(this);
  }

  /** Ends the subscription and the reports. Idempotent. */
  close(): void {
    this.state = 'closed';
    clearInterval(this.reportTimer);
    this.hub.unsubscribe(this);
  }

  handleUnit(unit: PacketizedUnit, timelineTicks: number): void {
    if (!this.accepts(unit)) return;
    const isSent = this.sendUnit(unit, timelineTicks);
    if (this.isClosed()) return; // a transport that fails may close its sender before it returns
    if (isSent) {
      this.state = 'streaming';
      this.counts.framesSent += 1;
    } else this.dropFrom(unit);
  }

  /** Takes an RTCP packet of the viewer: untrusted, any content; what concerns other lines is ignored. */
  handleRtcp(packet: Buffer): void {
    if (this.isClosed()) return;
    const parsed = parseRtcp(packet);
    if (parsed.ok) for (const item of parsed.items) this.handleRtcpItem(item);
    else this.counts.rtcpMalformed += 1;
  }

  private accepts(unit: PacketizedUnit): boolean {
    if (this.state === 'streaming') return true;
    if (this.state === 'dropping' && !unit.isKeyframe) this.counts.framesDropped += 1;
    return unit.isKeyframe && (this.state === 'joining' || this.state === 'dropping');
  }

  private isClosed(): boolean {
    return this.state === 'closed';
  }

  private sendUnit(unit: PacketizedUnit, timelineTicks: number): boolean {
    const timestamp = this.writer.timestampOf(timelineTicks);
    let historyIndex = unit.firstPacketIndex;
    for (const packet of unit.packets) {
      if (!this.writer.send(packet, historyIndex, timestamp)) return false;
      historyIndex += 1;
    }
    return true;
  }

  /**
   * The rest of the group cannot be decoded without this unit. A refused keyframe is not asked for again: a transport
   * that stays broken must not turn everybody's stream into keyframes.
   */
  private dropFrom(unit: PacketizedUnit): void {
    this.counts.framesDropped += 1;
    this.state = 'dropping';
    if (!unit.isKeyframe) this.hub.requestKeyframe();
  }

  private handleRtcpItem(item: RtcpItem): void {
    if (item.kind === 'twcc') {
      this.counts.twccFeedbacks += 1;
      this.counts.twccPacketsReported += item.feedback.arrivalsMs.length;
      this.counts.twccPacketsLost += item.feedback.arrivalsMs.length - item.feedback.receivedCount;
    } else if (item.kind === 'report') {
      for (const block of item.blocks) if (block.ssrc === this.ssrc) this.handleReportBlock(block);
    } else if (item.kind !== 'remb' && item.mediaSsrc === this.ssrc) {
      if (item.kind === 'nack') this.handleNack(item.sequenceNumbers);
      else this.handleKeyframeWish(item.kind);
    }
  }

  private handleReportBlock(block: ReportBlock): void {
    this.lossFraction = block.lossFraction;
    this.rttMs = this.senderReports.roundTripMs(block, this.clock.nowMs()) ?? this.rttMs;
  }

  private handleKeyframeWish(kind: 'pli' | 'fir'): void {
    if (kind === 'pli') this.counts.pliReceived += 1;
    else this.counts.firReceived += 1;
    this.hub.requestKeyframe();
  }

  private handleNack(sequenceNumbers: readonly number[]): void {
    this.counts.nacksReceived += 1;
    const nowMs = this.clock.nowMs();
    const pauseMs = Math.max(resendPauseMinMs, this.rttMs ?? resendPauseDefaultMs);
    const packetAt = (historyIndex: number) => this.hub.packetAt(historyIndex);
    for (const sequenceNumber of sequenceNumbers) {
      const outcome = this.writer.resend(sequenceNumber, packetAt, { nowMs, pauseMs });
      if (outcome === 'sent') this.counts.packetsResent += 1;
      if (outcome === 'unknown') this.counts.nackedPacketsUnknown += 1;
    }
  }

  private sendReport(): void {
    if (this.counts.framesSent === 0) return;
    const nowMs = this.clock.nowMs();
    const ntpTime = ntpTimeOf(this.clock.wallClockMs());
    const report = buildSenderReport({
      ssrc: this.ssrc,
      ntpTime,
      rtpTimestamp: this.writer.timestampAt(nowMs),
      packetsSent: this.writer.packetsSent,
      payloadBytesSent: this.writer.payloadBytesSent,
      cname: this.cname,
    });
    if (this.writer.sendRtcp(report)) this.senderReports.add(compactNtp(ntpTime), nowMs);
  }
}
