/** What a level must carry. */
export interface LevelDemand {
  /** Even picture size in pixels. */
  width: number;
  height: number;
  fps: number;
  bitrateKbps: number;
}

// ITU-T H.264 table A-1, from level 1.1 on: level_idc, MaxMBPS (macroblocks per second), MaxFS (macroblocks per picture), MaxBR in
// kbit/s. Level 1 is left out: nothing that anybody wants to watch fits.
const levels = [
  [11, 3_000, 396, 192],
  [12, 6_000, 396, 384],
  [13, 11_880, 396, 768],
  [20, 11_880, 396, 2_000],
  [21, 19_800, 792, 4_000],
  [22, 20_250, 1_620, 4_000],
  [30, 40_500, 1_620, 10_000],
  [31, 108_000, 3_600, 14_000],
  [32, 216_000, 5_120, 20_000],
  [40, 245_760, 8_192, 20_000],
  [41, 245_760, 8_192, 50_000],
  [42, 522_240, 8_704, 50_000],
  [50, 589_824, 22_080, 135_000],
  [51, 983_040, 36_864, 240_000],
  [52, 2_073_600, 36_864, 240_000],
] as const;

const highestLevelIdc = 52;

/** @returns the lowest level_idc (31 for level 3.1) that carries the demand, or the highest there is */
export function h264LevelFor(demand: LevelDemand): number {
  const columns = Math.ceil(demand.width / 16);
  const rows = Math.ceil(demand.height / 16);
  const macroblocks = columns * rows;
  const fitting = levels.find(
    ([, macroblocksPerSecondMax, macroblocksMax, bitrateKbpsMax]) =>
      macroblocks <= macroblocksMax &&
      macroblocks * demand.fps <= macroblocksPerSecondMax &&
      demand.bitrateKbps <= bitrateKbpsMax &&
      // A.3.1: neither side may be longer than sqrt(8 * MaxFS) macroblocks.
      Math.max(columns, rows) ** 2 <= 8 * macroblocksMax,
  );
  return fitting?.[0] ?? highestLevelIdc;
}
