import type { FfmpegInput, FfmpegOutput } from '../ffmpeg/ffmpeg.ts';
import type { AudioSource } from '../sources/audio-source.ts';

export interface AudioEncoding {
  /** 16 to 256. */
  bitrateKbps: number;
  /** 1 or 2. */
  channels: number;
}

/** The RTP clock of Opus, whatever the device gives (RFC 7587 4.1). */
const opusSampleRate = 48_000;
/** One packet. */
export const opusFrameMs = 20;

const samplesPerFrame = (opusSampleRate / 1000) * opusFrameMs;
const bytesPerSample = 2;
/** Share of lost packets that the encoder prepares for: each packet also holds a coarse copy of the one before. */
const expectedLossPercent = 10;

/**
 * Stamps a frame with the wall clock at its first sample. It is complete when it comes out of the device, so that one was taken as
 * long ago as the frame lasts.
 */
const stamp = "asetpts='(RTCTIME/1000000-S/SR)/TB'";

/** The test tone: always audible, and a beep of 0.1 s at the begin of each second of the wall clock. */
const testTone = { toneHz: 440, beepHz: 1000 } as const;

/** @param source a network camera has no input of this kind: its address goes into a playlist (`audio-input.ts`) */
export function buildAudioInput(
  source: Exclude<AudioSource, { kind: 'rtsp' }>,
  { channels }: AudioEncoding,
): FfmpegInput {
  switch (source.kind) {
    case 'test':
      return { options: ['-f', 'lavfi'], source: buildTestTone() };
    case 'alsa':
      return { options: ['-f', 'alsa', ...buildFormat(channels)], source: source.name };
    case 'pulse': {
      // By default the sound server hands over up to two seconds at once.
      const fragmentBytes = samplesPerFrame * channels * bytesPerSample;
      const options = [...buildFormat(channels), '-fragment_size', String(fragmentBytes), '-name', 'Porthole'];
      return { options: ['-f', 'pulse', ...options], source: source.name };
    }
  }
}

/** One Opus stream in NUT, a packet for each 20 ms, stamped with the wall clock. */
export function buildOpusOutput({ bitrateKbps, channels }: AudioEncoding, target: string): FfmpegOutput {
  const filters = [
    `aformat=sample_fmts=s16:sample_rates=${opusSampleRate}:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`,
    // Whole frames of the encoder, so that each stamp belongs to one packet.
    `asetnsamples=n=${samplesPerFrame}:p=0`,
    stamp,
  ];
  return {
    options: [
      ...['-map', '0:a:0', '-af', filters.join(',')],
      ...['-c:a', 'libopus', '-b:a', `${bitrateKbps}k`, '-frame_duration', String(opusFrameMs)],
      ...['-application', 'voip', '-fec', '1', '-packet_loss', String(expectedLossPercent)],
      ...['-f', 'nut', '-write_index', '0'],
    ],
    target,
  };
}

function buildFormat(channels: number): string[] {
  return ['-sample_rate', String(opusSampleRate), '-channels', String(channels)];
}

function buildTestTone(): string {
  const { toneHz, beepHz } = testTone;
  const silence = `anullsrc=sample_rate=${opusSampleRate}:channel_layout=mono:nb_samples=${samplesPerFrame}`;
  const tone = `0.05*sin(2*PI*${toneHz}*n/s)`;
  const beep = `0.4*sin(2*PI*${beepHz}*n/s)*lt(mod(t,1),0.1)`;
  return [silence, 'arealtime', stamp, `aeval='${tone}+${beep}':channel_layout=mono`].join(',');
}
