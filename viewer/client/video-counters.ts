/** Running totals of received video. */
export interface VideoTotals {
  framesDecoded: number;
  bytesReceived: number;
  packetsReceived: number;
  packetsLost: number;
  jitterBufferDelayMs: number;
  jitterBufferFrames: number;
  freezeCount: number;
}

/** Of one video line. */
export interface LineCounters extends VideoTotals {
  mid: string;
  width: number | null;
  height: number | null;
  codec: string | null;
}

/** Of a connection, however the platform counts: each line, and all of them added up. */
export interface VideoCounters extends VideoTotals {
  lines: readonly LineCounters[];
  localCandidate: string | null;
  remoteCandidate: string | null;
}

/** @param path the candidates in use */
export function addUpLines(
  lines: readonly LineCounters[],
  path: Pick<VideoCounters, 'localCandidate' | 'remoteCandidate'>,
): VideoCounters {
  const sum = (key: keyof VideoTotals) => lines.reduce((total, line) => total + line[key], 0);
  return {
    framesDecoded: sum('framesDecoded'),
    bytesReceived: sum('bytesReceived'),
    packetsReceived: sum('packetsReceived'),
    packetsLost: sum('packetsLost'),
    jitterBufferDelayMs: sum('jitterBufferDelayMs'),
    jitterBufferFrames: sum('jitterBufferFrames'),
    freezeCount: sum('freezeCount'),
    lines,
    ...path,
  };
}
