import { join } from 'node:path';
import { failure, type Result, success } from '../../protocol/result.ts';
import type { OpenInput } from '../ffmpeg/open-input.ts';
import type { EncodingSettings } from './encoder.ts';
import { buildRpicamInput } from './ffmpeg-input.ts';
import { Fifo } from './fifo.ts';
import { chooseRpicamSize, type RpicamStream, rpicamPrograms, spawnRpicam } from './rpicam.ts';

export interface RpicamInputOptions {
  id: string;
  index: number;
  video: EncodingSettings;
  /** The program is to encode H.264. */
  isPassthrough: boolean;
  /** Folder for the FIFO; nobody else can read in it. */
  runtimeDir: string;
  rpicamPrograms?: readonly string[];
}

/**
 * Starts the program of a camera on the CSI connector and leads what it writes to ffmpeg through a FIFO, past this process: raw pictures
 * are 40 MB/s at 720p30. ffmpeg stamps a picture when its last byte is there, one to three frame intervals after the sensor has taken it.
 *
 * @returns the input with the end of the program, or a sentence for people
 */
export async function openRpicamInput(
  options: RpicamInputOptions,
): Promise<Result<OpenInput & { feederEnded: Promise<string> }, string>> {
  const { id, index, video, isPassthrough, runtimeDir } = options;
  const codec = isPassthrough ? 'h264' : 'yuv420';
  const stream: RpicamStream = { ...video, ...chooseRpicamSize(video), index, codec };
  const fifo = new Fifo(join(runtimeDir, `${id}-source.fifo`));
  const spawned = await spawnInto(fifo, options.rpicamPrograms ?? rpicamPrograms, stream);
  if (!spawned.ok) {
    await fifo.close();
    return failure(spawned.error);
  }
  const rpicam = spawned.value;
  // Closed with the program, so that ffmpeg sees the end and does not wait for more until it is killed.
  const closed = rpicam.ended.then(() => fifo.close());
  const close = async () => {
    await rpicam.terminate();
    await closed;
  };
  return success({ input: buildRpicamInput(fifo.path, stream), feederEnded: rpicam.ended, close });
}

async function spawnInto(fifo: Fifo, programs: readonly string[], stream: RpicamStream) {
  await fifo.open();
  const writer = await fifo.openWriter();
  try {
    return await spawnRpicam({ programs, stream, stdout: writer.fd });
  } finally {
    // The program alone can write now: it has to notice when ffmpeg is gone, even if nobody is left to tell it.
    await writer.close();
  }
}
