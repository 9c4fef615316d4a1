import type { QualityEvent } from '../../protocol/events.ts';
import { LineMeter } from './line-meter.ts';
import type { ShownFrame } from './shown-frame.ts';
import { emptyPictureStats, roundTenth, StatsMeter } from './stats-meter.ts';
import type { VideoCounters } from './video-counters.ts';
import type { LineStats, PictureStats, ViewerStats } from './viewer-stats.ts';

/** Everything that is measured about the pictures of one session. */
export class PictureMeter {
  private readonly whole = new StatsMeter();
  private lines: readonly LineMeter[] = [];

  /** The video lines of the session, in their order. */
  open(lines: readonly { mid: string; camera: string }[]): void {
    this.lines = lines.map((line) => new LineMeter(line));
  }

  /** @param offsets see `Pong.lines` */
  setRtpOffsets(offsets: readonly { mid: string; rtpOffset: number }[]): void {
    for (const { mid, rtpOffset } of offsets) this.find(mid)?.setRtpOffset(rtpOffset);
  }

  handleFrame(mid: string, frame: ShownFrame, clockOffsetMs: number | null): void {
    this.find(mid)?.handleFrame(frame, clockOffsetMs);
  }

  handleQuality(event: QualityEvent): void {
    this.find(event.mid)?.handleQuality(event);
  }

  measure(counters: VideoCounters, atMs: number, known: { helloSentAtMs: number; rttMs: number | null }): ViewerStats {
    const lines = this.lines.map((line) => {
      const counted = counters.lines.find(({ mid }) => mid === line.mid);
      return line.measure(counted, atMs, known.helloSentAtMs);
    });
    return {
      ...joinLines(lines),
      ...this.whole.measure(counters, atMs),
      lines,
      rttMs: known.rttMs === null ? null : roundTenth(known.rttMs),
      localCandidate: counters.localCandidate,
      remoteCandidate: counters.remoteCandidate,
    };
  }

  private find(mid: string): LineMeter | undefined {
    return this.lines.find((line) => line.mid === mid);
  }
}

/** What is no sum of counters: of the first line, but for what the path carries and for the time of the first picture of all. */
function joinLines(lines: readonly LineStats[]): PictureStats {
  const { mid: _, camera: __, ...first } = lines[0] ?? { ...emptyPictureStats, mid: '', camera: '' };
  const targets = lines.flatMap(({ targetKbps }) => targetKbps ?? []);
  const firstFrames = lines.flatMap(({ firstFrameMs }) => firstFrameMs ?? []);
  return {
    ...first,
    targetKbps: targets.length > 0 ? targets.reduce((sum, kbps) => sum + kbps, 0) : null,
    firstFrameMs: firstFrames.length > 0 ? Math.min(...firstFrames) : null,
  };
}
