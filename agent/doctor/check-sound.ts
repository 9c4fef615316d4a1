import { constants } from 'node:fs';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openAudioInput } from '../audio/audio-input.ts';
import { buildTalkOutput } from '../audio/talk-output.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import type { FfmpegJob } from '../ffmpeg/ffmpeg.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { causeOf, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { describeAudioSource, parseAudioSource } from '../sources/audio-source.ts';
import { describeTalkSink, parseTalkSink, type TalkSink } from '../sources/talk-sink.ts';
import { adviseServiceAccess, userName } from './device-access.ts';
import { type Finding, failed, ok, skipped } from './finding.ts';
import type { ServiceAccess } from './service-access.ts';

export interface SoundCheckContext {
  ffmpeg: FfmpegProgram | null;
  isAgentRunning?: boolean | null;
  /** Judges in place of the rights of whoever looks. */
  service?: ServiceAccess | null;
  /** Where ALSA has its devices; another in tests. */
  soundFolder?: string;
  signal?: AbortSignal;
}

type SoundConfig = Pick<AgentConfig, 'audio' | 'talk'>;

const soundTimeoutMs = 4_000;
const captureSeconds = 0.2;

/** Microphone and loudspeaker of the configuration. Nothing is heard: the loudspeaker gets silence. Never throws. */
export function checkSound(config: SoundConfig, context: SoundCheckContext): Promise<Finding[]> {
  return Promise.all([checkSource(config.audio, context), checkSink(config.talk.sink, context)]);
}

async function checkSource(audio: SoundConfig['audio'], context: SoundCheckContext): Promise<Finding> {
  if (audio.source === undefined) return skipped('sound-source', 'No microphone is configured (audio.source).');
  const source = parseAudioSource(audio.source);
  if (!source.ok) return failed('sound-source', `audio.source ${source.error}.`, 'Correct audio.source.');
  const { ffmpeg, isAgentRunning } = context;
  const name = describeAudioSource(source.value);
  if (isAgentRunning) return skipped('sound-source', `${name} is left to the agent that runs here.`);
  if (ffmpeg === null) return skipped('sound-source', `${name} cannot be tried without ffmpeg.`);
  if (source.value.kind === 'alsa' && (await isClosedToService('c', context))) {
    return describeClosed('sound-source', name);
  }
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-doctor-'));
  try {
    const encoding = { bitrateKbps: audio.bitrateKbps, channels: audio.channels };
    const { input, close } = await openAudioInput({ source: source.value, encoding, runtimeDir });
    const options = ['-map', '0:a:0', '-t', String(captureSeconds), '-c:a', 'libopus', '-f', 'null'];
    const problem = await run({ program: ffmpeg.path, input, outputs: [{ options, target: '-' }] }, context.signal);
    await close();
    return problem === null
      ? ok('sound-source', `${name} gives sound.`)
      : describeProblem('sound-source', `${name} gives no sound`, problem, 'arecord -L');
  } finally {
    await rm(runtimeDir, { recursive: true, force: true });
  }
}

async function checkSink(text: string | undefined, context: SoundCheckContext): Promise<Finding> {
  if (text === undefined) return skipped('sound-sink', 'No loudspeaker is configured (talk.sink).');
  const sink = parseTalkSink(text);
  if (!sink.ok) return failed('sound-sink', sink.error, 'Correct talk.sink.');
  const name = describeTalkSink(sink.value);
  if (sink.value.kind === 'file') return checkSinkFile(sink.value);
  if (context.isAgentRunning) return skipped('sound-sink', `${name} is left to the agent that runs here.`);
  if (context.ffmpeg === null) return skipped('sound-sink', `${name} cannot be tried without ffmpeg.`);
  if (sink.value.kind === 'alsa' && (await isClosedToService('p', context))) {
    return describeClosed('sound-sink', name);
  }
  const { options, target } = buildTalkOutput(sink.value);
  const job = {
    program: context.ffmpeg.path,
    input: { options: ['-f', 'lavfi'], source: 'anullsrc=sample_rate=48000' },
    outputs: [{ options: ['-t', String(captureSeconds), ...options], target }],
  };
  const problem = await run(job, context.signal);
  return problem === null
    ? ok('sound-sink', `${name} takes sound.`)
    : describeProblem('sound-sink', `${name} takes no sound`, problem, 'aplay -L');
}

async function checkSinkFile({ path }: Extract<TalkSink, { kind: 'file' }>): Promise<Finding> {
  try {
    await access(dirname(path), constants.W_OK);
    return ok('sound-sink', `What viewers say is written to ${path}.`);
  } catch {
    return failed('sound-sink', `${path} cannot be written.`, 'Make its folder, or correct talk.sink.', { path });
  }
}

/**
 * Whether the service may open none of the devices. Which one a name of ALSA means is configuration; udev treats them alike.
 *
 * @param direction `c` for capture, `p` for playback, as the names of the devices end: `pcmC0D0c`
 */
async function isClosedToService(
  direction: 'c' | 'p',
  { service, soundFolder = '/dev/snd' }: SoundCheckContext,
): Promise<boolean> {
  if (!service) return false;
  const names = await readdir(soundFolder).catch(() => []);
  const devices = names.filter((name) => name.startsWith('pcm') && name.endsWith(direction));
  const mayOpen = await Promise.all(devices.map((name) => service.mayOpen(join(soundFolder, name))));
  return devices.length > 0 && !mayOpen.includes(true);
}

function describeClosed(check: string, name: string): Finding {
  const message = `The service may not open the sound devices, and so not ${name}.`;
  return failed(check, message, adviseServiceAccess('audio'), { fault: 'permission' });
}

/** @returns null when it came to a good end, else why not */
async function run(job: FfmpegJob, outer: AbortSignal | undefined): Promise<string | null> {
  const signal = AbortSignal.any([AbortSignal.timeout(soundTimeoutMs), ...(outer ? [outer] : [])]);
  const { exit, wasAborted } = await runFfmpeg(job, { signal, end: (process) => process.terminate(0) });
  if (wasAborted) return `nothing happened within ${soundTimeoutMs / 1000} s`;
  return exit.code === 0 ? null : causeOf(exit);
}

function describeProblem(check: string, what: string, reason: string, list: string): Finding {
  const message = `${what}: ${reason}.`;
  if (/permission denied/i.test(reason)) {
    const advice = `Run "sudo usermod -aG audio ${userName()}" and log in again; for the service, run this command with sudo.`;
    return failed(check, message, advice, { fault: 'permission', reason });
  }
  if (/busy/i.test(reason)) return failed(check, message, 'End the program that uses it.', { fault: 'busy', reason });
  return failed(check, message, `Choose a device that "${list}" shows.`, { fault: 'no-sound', reason });
}
