import { runTool } from './ffmpeg.ts';

/** Samples of one channel, -1 to 1. */
export interface Sound {
  samples: Float32Array;
  sampleRate: number;
}

/** Decodes any file or stream that ffmpeg reads to one channel of 48 kHz. @param input bytes, or the path of a file */
export async function decodeSound(input: Uint8Array | string, inputOptions: string[] = []): Promise<Sound> {
  const isPath = typeof input === 'string';
  const source = [...inputOptions, '-i', isPath ? input : 'pipe:0'];
  const output = ['-ac', '1', '-ar', '48000', '-f', 'f32le', 'pipe:1'];
  const bytes = await runTool('ffmpeg', [...source, ...output], isPath ? undefined : input);
  return { samples: new Float32Array(new Uint8Array(bytes).buffer), sampleRate: 48_000 };
}

/** The level of one frequency in a sound (Goertzel): the amplitude of a sine that would give it. */
export function amplitudeAt({ samples, sampleRate }: Sound, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
  let [last, beforeLast] = [0, 0];
  for (const sample of samples) [last, beforeLast] = [sample + coefficient * last - beforeLast, last];
  const power = last ** 2 + beforeLast ** 2 - coefficient * last * beforeLast;
  return (2 * Math.sqrt(power)) / samples.length;
}

/** The strongest frequency among those from 100 to 2000 Hz in steps of 2 Hz. Wants some tenths of a second. */
export function strongestFrequency(sound: Sound): number {
  const frequencies = Array.from({ length: 951 }, (_, index) => 100 + 2 * index);
  const levels = frequencies.map((frequency) => amplitudeAt(sound, frequency));
  return frequencies[levels.indexOf(Math.max(...levels))] ?? 0;
}

/** A part of a sound. */
export function partOf({ samples, sampleRate }: Sound, fromMs: number, toMs: number): Sound {
  const at = (ms: number) => Math.round((ms * sampleRate) / 1000);
  return { samples: samples.subarray(at(fromMs), at(toMs)), sampleRate };
}

export function durationMsOf({ samples, sampleRate }: Sound): number {
  return (samples.length * 1000) / sampleRate;
}
