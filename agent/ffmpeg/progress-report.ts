/** @returns the last `out_time` in what ffmpeg writes for `-progress`, in milliseconds; null where there is none yet */
export function parseOutTimeMs(report: string): number | null {
  const times = [...report.matchAll(/^out_time_us=(\d+)$/gm)];
  const microseconds = times.at(-1)?.[1];
  return microseconds === undefined ? null : Number(microseconds) / 1000;
}
