import type { ReportBlock } from './rtcp-parser.ts';

/** Receivers answer one of the last few sender reports; these are enough for a path of many seconds. */
const remembered = 8;

/**
 * When the last sender reports left, to tell the round trip from a receiver's answer. RFC 3550 6.4.1 subtracts wall
 * clock times; this compares monotonic ones instead, so that a device that learns the time of day measures right.
 */
export class SenderReportLog {
  private readonly sent: { compactNtp: number; atMs: number }[] = [];

  add(compactNtp: number, nowMs: number): void {
    this.sent.push({ compactNtp, atMs: nowMs });
    if (this.sent.length > remembered) this.sent.shift();
  }

  /** The round trip in milliseconds, at least 0, or null when the block answers no report that is remembered. */
  roundTripMs(block: ReportBlock, nowMs: number): number | null {
    const answered = this.sent.findLast((report) => report.compactNtp === block.lastSenderReport);
    if (answered === undefined) return null;
    return Math.max(0, nowMs - answered.atMs - block.delaySinceLastSenderReportMs);
  }
}
