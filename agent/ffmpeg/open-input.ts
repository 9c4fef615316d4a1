import type { FfmpegInput } from './ffmpeg.ts';

/** An input that is ready for one run of ffmpeg. */
export interface OpenInput {
  input: FfmpegInput;
  /** Takes away what was made for it. Call it once ffmpeg is gone. */
  close(): Promise<void>;
}

/** An input that needs nothing beside it. */
export function withoutFiles(input: FfmpegInput): OpenInput {
  return { input, close: async () => {} };
}
