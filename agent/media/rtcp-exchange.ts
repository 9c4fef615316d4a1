import type { Buffer } from 'node:buffer';
import { TokenBucket } from '../../protocol/token-bucket.ts';
import type { MediaClock } from './media-clock.ts';
import { compactNtp, ntpTimeOf } from './ntp-time.ts';
import { parseRtcp, type ReportBlock, type RtcpItem } from './rtcp-parser.ts';
import { buildSenderReport } from './rtcp-writer.ts';
import type { RtpWriter } from './rtp-writer.ts';
import { SenderReportLog } from './sender-report-log.ts';
import type { TwccFeedback } from './twcc-feedback.ts';

/** Learns what a viewer reports about the whole connection. A `CongestionController` is one. */
export interface FeedbackListener {
  handleFeedback(feedback: TwccFeedback, atMs: number): void;
  handleRemb(kbps: number, atMs: number): void;
  /** @param report loss from 0 to 1; no round trip until the viewer has answered a sender report */
  handleReport(report: { lossFraction: number; rttMs: number | null }, atMs: number): void;
}

export interface RtcpExchangeOptions {
  writer: RtpWriter;
  /** RTCP canonical name, the same for all lines of a peer connection. */
  cname: string;
  clock: MediaClock;
  /** The time of the stream, in ticks of its clock, that belongs to a monotonic time. */
  ticksAt: (monotonicMs: number) => number;
  feedback?: FeedbackListener;
  /** Packets of this stream that the viewer misses. */
  onNack?: (sequenceNumbers: readonly number[]) => void;
  onKeyframeWish?: () => void;
}

export interface RtcpStats {
  nacksReceived: number;
  pliReceived: number;
  firReceived: number;
  rtcpMalformed: number;
  /** Left unread, because there were too many. */
  rtcpOverRate: number;
  twccFeedbacks: number;
  twccPacketsReported: number;
  twccPacketsLost: number;
  /** Null until the viewer has answered a sender report. */
  rttMs: number | null;
  /** 0 to 1, of the viewer's last receiver report. */
  lossFraction: number;
}

const senderReportIntervalMs = 1_000;
/** A browser on a lossy path sends 80 a second, and each costs time that belongs to all viewers. */
const packetsPerSecond = 200;

/** The RTCP of one outgoing stream: sends a report with its first packet and then once a second, and reads those of the viewer. */
export class RtcpExchange {
  private readonly options: RtcpExchangeOptions;
  private readonly senderReports = new SenderReportLog();
  private readonly bucket: TokenBucket;
  private state: 'closed' | 'waiting' | 'reporting' = 'closed';
  private timer: NodeJS.Timeout | undefined;
  private readonly counts = {
    nacksReceived: 0,
    pliReceived: 0,
    firReceived: 0,
    rtcpMalformed: 0,
    rtcpOverRate: 0,
    twccFeedbacks: 0,
    twccPacketsReported: 0,
    twccPacketsLost: 0,
  };
  private lastRttMs: number | null = null;
  private lossFraction = 0;

  constructor(options: RtcpExchangeOptions) {
    this.options = options;
    const { clock } = options;
    this.bucket = new TokenBucket({
      perSecond: packetsPerSecond,
      burst: 2 * packetsPerSecond,
      nowMs: () => clock.nowMs(),
    });
  }

  get stats(): RtcpStats {
    return { ...this.counts, rttMs: this.lastRttMs, lossFraction: this.lossFraction };
  }

  get rttMs(): number | null {
    return this.lastRttMs;
  }

  /** Begins to send reports, with the next packet of the stream. */
  open(): void {
    this.state = 'waiting';
  }

  /**
   * The transport took a packet of the stream. Until there is a report, no receiver can tell when it was captured or play it in
   * step with another stream; a unicast session may send the first one without delay (RFC 3550 6.2).
   */
  handlePacketSent(): void {
    if (this.state !== 'waiting') return;
    this.state = 'reporting';
    // First, since a transport that fails may close this before it returns.
    this.timer = setInterval(() => this.sendReport(), senderReportIntervalMs);
    this.sendReport();
  }

  /** Idempotent. */
  close(): void {
    this.state = 'closed';
    clearInterval(this.timer);
  }

  /** Takes an RTCP packet of the viewer: untrusted, any content; what concerns other streams is ignored. */
  handlePacket(packet: Buffer): void {
    if (!this.bucket.take()) {
      this.counts.rtcpOverRate += 1;
      return;
    }
    const parsed = parseRtcp(packet);
    if (parsed.ok) for (const item of parsed.items) this.handleItem(item);
    else this.counts.rtcpMalformed += 1;
  }

  private handleItem(item: RtcpItem): void {
    const { writer, clock, feedback } = this.options;
    if (item.kind === 'twcc') {
      this.countFeedback(item.feedback);
      feedback?.handleFeedback(item.feedback, clock.nowMs());
    } else if (item.kind === 'remb') {
      feedback?.handleRemb(item.bitrateBps / 1000, clock.nowMs());
    } else if (item.kind === 'report') {
      for (const block of item.blocks) if (block.ssrc === writer.ssrc) this.handleReportBlock(block);
    } else if (item.mediaSsrc === writer.ssrc) {
      if (item.kind === 'nack') this.handleNack(item.sequenceNumbers);
      else this.handleKeyframeWish(item.kind);
    }
  }

  private countFeedback({ arrivalsMs, receivedCount }: TwccFeedback): void {
    this.counts.twccFeedbacks += 1;
    this.counts.twccPacketsReported += arrivalsMs.length;
    this.counts.twccPacketsLost += arrivalsMs.length - receivedCount;
  }

  private handleReportBlock(block: ReportBlock): void {
    const nowMs = this.options.clock.nowMs();
    this.lossFraction = block.lossFraction;
    this.lastRttMs = this.senderReports.roundTripMs(block, nowMs) ?? this.lastRttMs;
    this.options.feedback?.handleReport({ lossFraction: this.lossFraction, rttMs: this.lastRttMs }, nowMs);
  }

  private handleNack(sequenceNumbers: readonly number[]): void {
    this.counts.nacksReceived += 1;
    this.options.onNack?.(sequenceNumbers);
  }

  private handleKeyframeWish(kind: 'pli' | 'fir'): void {
    if (kind === 'pli') this.counts.pliReceived += 1;
    else this.counts.firReceived += 1;
    this.options.onKeyframeWish?.();
  }

  private sendReport(): void {
    const { writer, clock, cname, ticksAt } = this.options;
    const nowMs = clock.nowMs();
    const ntpTime = ntpTimeOf(clock.wallClockMs());
    const report = buildSenderReport({
      ssrc: writer.ssrc,
      ntpTime,
      rtpTimestamp: writer.timestampOf(ticksAt(nowMs)),
      packetsSent: writer.packetsSent,
      payloadBytesSent: writer.payloadBytesSent,
      cname,
    });
    if (writer.sendRtcp(report)) this.senderReports.add(compactNtp(ntpTime), nowMs);
  }
}
