import { Buffer } from 'node:buffer';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { AudioCapture } from '../../../agent/audio/audio-capture.ts';
import type { Logger } from '../../../agent/audio/logger.ts';
import { OggOpusWriter } from '../../../agent/audio/ogg-opus-writer.ts';
import { opusDurationMs } from '../../../agent/audio/opus-packet.ts';
import type { RunState } from '../../../agent/ffmpeg/run-state.ts';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import { parseAudioSource } from '../../../agent/sources/audio-source.ts';
import { FakeCameraRtsp } from '../../fakes/fake-camera-rtsp.ts';
import { amplitudeAt, decodeSound, partOf, strongestFrequency } from '../../helpers/audio-signal.ts';
import { readChildCommandLines } from '../../helpers/child-processes.ts';
import { testFfmpeg } from '../../helpers/ffmpeg.ts';
import { findProcessesWith, quiet, Watch } from './audio-fixture.ts';

const clock = { nowMs: () => performance.now(), wallClockMs: () => Date.now() };

async function openCapture(
  onTestFinished: (close: () => Promise<void>) => void,
  {
    source,
    channels = 1,
    lingerMs = 10_000,
    logger = quiet,
  }: { source: string; channels?: number; lingerMs?: number; logger?: Logger },
) {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-audio-'));
  const parsed = parseAudioSource(source);
  if (!parsed.ok) throw new Error(parsed.error);
  const units: AccessUnit[] = [];
  const states: string[] = [];
  const watch = new Watch();
  const capture = new AudioCapture({
    source: parsed.value,
    encoding: { bitrateKbps: 48, channels },
    findFfmpeg: testFfmpeg,
    runtimeDir,
    lingerMs,
    clock,
    logger,
    onAccessUnit: (unit) => {
      units.push(unit);
      watch.notify();
    },
  });
  capture.onStatus(({ state, reason }) => {
    states.push(reason === undefined ? state : `${state}: ${reason}`);
    watch.notify();
  });
  const explain = () => `${units.length} units; ${states.join(' | ')}`;
  onTestFinished(async () => {
    await capture.stop();
    await rm(runtimeDir, { recursive: true });
  });
  return {
    capture,
    units,
    states,
    untilUnits: (count: number) => watch.until(() => units.length >= count, explain),
    untilState: (state: RunState) => watch.until(() => capture.status.state === state, explain),
    findProcesses: () => findProcessesWith(runtimeDir),
    findSockets: () => readdir(runtimeDir),
    runtimeDir,
  };
}

function toOgg(units: readonly AccessUnit[]): Buffer {
  const writer = new OggOpusWriter();
  return Buffer.concat([writer.buildHeaders(), ...units.map(({ data }) => writer.buildPacket(data, 20))]);
}

const steps = (numbers: number[]) => numbers.slice(1).map((number, index) => number - (numbers[index] ?? 0));
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

describe.concurrent('the sound of the test tone', () => {
  it('comes as Opus packets of 20 ms in an even timeline, a frame and the look-ahead of the encoder after it was made', async ({
    expect,
    onTestFinished,
  }) => {
    const { capture, units, untilUnits } = await openCapture(onTestFinished, { source: 'test' });
    capture.acquire();
    await untilUnits(150);
    for (const { data, isKeyframe } of units) {
      expect(opusDurationMs(data)).toBe(20);
      expect(isKeyframe).toBe(true);
    }
    const captureSteps = steps(units.map((unit) => unit.capturedAtMs));
    for (const step of captureSteps) expect(step % 20).toBe(0);
    expect(captureSteps.filter((step) => step !== 20).length).toBeLessThanOrEqual(2);
    const ages = units.map((unit) => unit.arrivedAtMs - unit.capturedAtMs);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(median(ages)).toBeGreaterThan(5);
    expect(Math.min(...ages)).toBeLessThan(60);
    const bitrateKbps = units.reduce((bits, unit) => bits + 8 * unit.data.length, 0) / (units.length * 20);
    expect(bitrateKbps).toBeGreaterThan(24);
    expect(bitrateKbps).toBeLessThan(60);
  });

  it('is the tone, with a beep at the begin of each second of the wall clock', async ({ expect, onTestFinished }) => {
    const { capture, units, untilUnits } = await openCapture(onTestFinished, { source: 'test', channels: 2 });
    capture.acquire();
    await untilUnits(150);
    const sound = await decodeSound(toOgg(units), ['-c:a', 'libopus']);
    const wallClockAtStartMs = (units[0]?.capturedAtMs ?? 0) + Date.now() - performance.now();
    const beepAtMs = 1100 - ((wallClockAtStartMs + 100) % 1000);
    const quietPart = partOf(sound, beepAtMs + 300, beepAtMs + 800);
    expect(Math.abs(strongestFrequency(quietPart) - 440)).toBeLessThanOrEqual(2);
    // A machine that is busy moves the beep by some of the packets that it held up.
    expect(amplitudeAt(partOf(sound, beepAtMs - 100, beepAtMs + 200), 1000)).toBeGreaterThan(0.05);
    expect(amplitudeAt(partOf(sound, beepAtMs + 300, beepAtMs + 800), 1000)).toBeLessThan(0.01);
  });

  it('runs while somebody holds it, and leaves nothing behind', async ({ expect, onTestFinished }) => {
    const { capture, units, states, untilUnits, untilState, findProcesses, findSockets } = await openCapture(
      onTestFinished,
      { source: 'test', lingerMs: 50 },
    );
    expect(await findProcesses()).toEqual([]);
    const leases = [capture.acquire(), capture.acquire()];
    await untilUnits(2);
    expect(await findProcesses()).toHaveLength(1);
    leases[0]?.release();
    leases[0]?.release();
    await untilUnits(units.length + 10);
    leases[1]?.release();
    await untilState('idle');
    const again = capture.acquire();
    const countBefore = units.length;
    await untilUnits(countBefore + 2);
    again.release();
    await capture.stop();
    expect(states).toEqual(['starting', 'live', 'idle', 'starting', 'live', 'stopped']);
    expect(await findProcesses()).toEqual([]);
    expect(await findSockets()).toEqual([]);
    expect(capture.acquire().release()).toBeUndefined();
    expect(capture.status).toEqual({ state: 'stopped' });
  });

  it('comes back when ffmpeg is killed, in the same timeline', async ({ expect, onTestFinished }) => {
    const { capture, units, states, untilUnits, untilState, findProcesses } = await openCapture(onTestFinished, {
      source: 'test',
    });
    capture.acquire();
    await untilUnits(5);
    const [pid] = await findProcesses();
    process.kill(pid ?? 0, 'SIGKILL');
    await untilState('restarting');
    await untilUnits(units.length + 5);
    expect(states).toEqual(['starting', 'live', 'restarting: ffmpeg was ended by SIGKILL', 'live']);
    for (const step of steps(units.map((unit) => unit.capturedAtMs))) expect(step).toBeGreaterThanOrEqual(20);
  });

  it('comes back when ffmpeg stops giving sound', async ({ expect, onTestFinished }) => {
    const { capture, units, states, untilUnits, untilState, findProcesses } = await openCapture(onTestFinished, {
      source: 'test',
    });
    capture.acquire();
    await untilUnits(5);
    const [pid] = await findProcesses();
    process.kill(pid ?? 0, 'SIGSTOP');
    await untilState('restarting');
    await untilUnits(units.length + 5);
    expect(states).toEqual(['starting', 'live', 'restarting: no sound from the test tone for 5 s', 'live']);
    expect(await findProcesses()).not.toContain(pid);
  });
});

describe.concurrent('the sound of a network camera', () => {
  it('is heard, and none of what piled up while it was looked at', async ({ expect, onTestFinished }) => {
    const { path } = await testFfmpeg();
    const camera = new FakeCameraRtsp({ ffmpeg: path, user: 'me', password: 'secret', plays: 'sound' });
    onTestFinished(() => camera.stop());
    await camera.start();
    const { capture, units, untilUnits } = await openCapture(onTestFinished, {
      source: `rtsp://me:secret@127.0.0.1:${camera.port}/1`,
    });
    capture.acquire();
    await untilUnits(50);
    const sound = await decodeSound(toOgg(units), ['-c:a', 'libopus']);
    expect(Math.abs(strongestFrequency(partOf(sound, 100, 900)) - 600)).toBeLessThanOrEqual(2);
    expect(Math.min(...units.map((unit) => unit.arrivedAtMs - unit.capturedAtMs))).toBeLessThan(60);
    const [first, last] = [units[0], units.at(-1)];
    const spanMs = (last?.arrivedAtMs ?? 0) - (first?.arrivedAtMs ?? 0);
    expect(spanMs).toBeGreaterThan(49 * 20 - 100);
  });
});

describe.concurrent('the password of a network camera', () => {
  it('is in no command line and in no log while its sound is heard', async ({ expect, onTestFinished }) => {
    const camera = new FakeCameraRtsp({
      ffmpeg: (await testFfmpeg()).path,
      user: 'me',
      password: 'p@ss',
      plays: 'sound',
    });
    onTestFinished(() => camera.stop());
    await camera.start();
    const log: string[] = [];
    const write = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`);
    const { capture, states, untilUnits, untilState, runtimeDir, findSockets } = await openCapture(onTestFinished, {
      source: `rtsp://me:p%40ss@127.0.0.1:${camera.port}/1`,
      logger: { debug: write, info: write },
    });
    capture.acquire();
    await untilUnits(5);
    const commandLines = await readChildCommandLines();
    expect(commandLines.filter((line) => line.includes(runtimeDir))).toHaveLength(1);
    for (const line of commandLines) expect(line).not.toMatch(/p%40ss|p@ss/);
    expect((await stat(join(runtimeDir, 'audio-source.ffconcat'))).mode & 0o777).toBe(0o600);

    await camera.stop();
    await untilState('missing');
    expect([...log, ...states].join()).not.toMatch(/p%40ss|p@ss/);
    await capture.stop();
    expect(await findSockets()).toEqual([]);
  });
});

describe.concurrent('a source of sound that is not there', () => {
  it.for([
    ['alsa:plughw:9,0', /^missing: alsa:plughw:9,0 cannot be opened: .*No such (file|device)/],
    ['pulse:default', /^missing: pulse:default cannot be opened: \S/],
    ['rtsp://u:secret@127.0.0.1:9/x', /^missing: rtsp:\/\/\*\*\*@127.0.0.1:9\/x cannot be opened: .*refused/],
  ] as const)('is missing, with the reason: %s', async ([source, expected], { expect, onTestFinished }) => {
    const { capture, states, untilState } = await openCapture(onTestFinished, { source });
    capture.acquire();
    await untilState('missing');
    expect(states.at(-1)).toMatch(expected);
    expect(states.join()).not.toContain('secret');
  });
});
