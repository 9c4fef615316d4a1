import type { Buffer } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, it } from 'vitest';
import { TalkPlayer, type TalkStream } from '../../../agent/audio/talk-player.ts';
import type { RunState } from '../../../agent/ffmpeg/run-state.ts';
import { parseTalkSink } from '../../../agent/sources/talk-sink.ts';
import { encodeTone, toRtp } from '../../helpers/audio-packets.ts';
import { amplitudeAt, decodeSound, durationMsOf, partOf, strongestFrequency } from '../../helpers/audio-signal.ts';
import { testFfmpeg } from '../../helpers/ffmpeg.ts';
import { findProcessesWith, quiet, Watch } from './audio-fixture.ts';

const frameMs = 20;
const payloadType = 111;

let tone: Buffer[];

beforeAll(async () => {
  tone = await encodeTone({ frequencyHz: 700, durationMs: 6000 });
});

async function openPlayer(
  onTestFinished: (close: () => Promise<void>) => void,
  { sinkText }: { sinkText?: string } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-talk-'));
  const path = join(folder, 'a talk.wav');
  const sink = parseTalkSink(sinkText ?? `file:${path}`);
  if (!sink.ok) throw new Error(sink.error);
  const states: string[] = [];
  const watch = new Watch();
  const player = new TalkPlayer({ sink: sink.value, findFfmpeg: testFfmpeg, logger: quiet, lingerMs: 0 });
  player.onStatus(({ state, reason }) => {
    states.push(reason === undefined ? state : `${state}: ${reason}`);
    watch.notify();
  });
  onTestFinished(async () => {
    await player.stop();
    await rm(folder, { recursive: true });
  });
  return {
    player,
    path,
    states,
    untilState: (state: RunState) =>
      watch.until(
        () => player.status.state === state,
        () => states.join(' | '),
      ),
    findProcesses: () => findProcessesWith(folder),
  };
}

/** Gives packets at the pace of speech, until all are given or `isEnough`. */
async function speak(stream: TalkStream, packets: readonly Buffer[], isEnough: () => boolean = () => false) {
  const startMs = performance.now();
  for (const [index, packet] of packets.entries()) {
    await sleep(Math.max(0, startMs + index * frameMs - performance.now()));
    if (isEnough()) return;
    stream.handleRtp(packet);
  }
}

describe.concurrent('the voice of a viewer', () => {
  it('is played from Opus in RTP', async ({ expect, onTestFinished }) => {
    const { player, path, states, untilState, findProcesses } = await openPlayer(onTestFinished);
    const stream = player.open({ payloadType });
    await untilState('live');
    await speak(stream, toRtp(tone.slice(0, 75)));
    stream.close();
    stream.close();
    await player.stop();
    const sound = await decodeSound(path);
    expect(Math.abs(strongestFrequency(partOf(sound, 200, 1400)) - 700)).toBeLessThanOrEqual(2);
    // 1.5 s of the voice and the 60 ms that the player begins with.
    expect(durationMsOf(sound)).toBe(1560);
    expect(stream.droppedCount).toBe(0);
    expect(states.slice(0, 2)).toEqual(['starting', 'live']);
    expect(await findProcesses()).toEqual([]);
  });

  it('is put in order and keeps its length where packets are late, doubled or lost', async ({
    expect,
    onTestFinished,
  }) => {
    const { player, path, untilState } = await openPlayer(onTestFinished);
    const packets = toRtp(tone.slice(0, 60));
    const isLost = (index: number) => index % 15 === 7;
    const [early, late] = [packets[20], packets[21]];
    const onTheWay = [...packets.slice(0, 20), late, early, early, ...packets.slice(22)].filter(
      (packet) => packet !== undefined && !isLost(packets.indexOf(packet)),
    ) as Buffer[];
    const stream = player.open({ payloadType });
    await untilState('live');
    await speak(stream, onTheWay);
    await player.stop();
    const sound = await decodeSound(path);
    expect(durationMsOf(sound)).toBe(60 * frameMs + 60);
    // Concealment goes on with the tone; silence in its place would leave holes in the level.
    const parts = Array.from({ length: 50 }, (_, index) => partOf(sound, 160 + 20 * index, 180 + 20 * index));
    const levels = parts.map((part) => amplitudeAt(part, 700));
    expect(Math.min(...levels)).toBeGreaterThan(0.3 * Math.max(...levels));
  });

  it('goes on by itself after ffmpeg was killed', async ({ expect, onTestFinished }) => {
    const { player, path, states, untilState, findProcesses } = await openPlayer(onTestFinished);
    const stream = player.open({ payloadType });
    await untilState('live');
    const [pid] = await findProcesses();
    process.kill(pid ?? 0, 'SIGKILL');
    await untilState('restarting');
    await untilState('live');
    await speak(stream, toRtp(tone.slice(0, 40)));
    await player.stop();
    expect(states).toEqual(['starting', 'live', 'restarting: ffmpeg was ended by SIGKILL', 'live', 'stopped']);
    expect(Math.abs(strongestFrequency(partOf(await decodeSound(path), 100, 800)) - 700)).toBeLessThanOrEqual(4);
  });

  it('does not pile up before a sink that is stuck, which is opened anew', async ({ expect, onTestFinished }) => {
    const { player, path, states, untilState, findProcesses } = await openPlayer(onTestFinished);
    const stream = player.open({ payloadType });
    await untilState('live');
    const [pid] = await findProcesses();
    process.kill(pid ?? 0, 'SIGSTOP');
    await speak(stream, toRtp(tone), () => player.status.state === 'restarting');
    expect(states.at(-1)).toBe(`restarting: ${path} takes no sound for 3 s`);
    expect(stream.droppedCount).toBeGreaterThan(50);
    await untilState('live');
    expect(await findProcesses()).not.toContain(pid);
  });
});

describe.concurrent('a sink that is not there', () => {
  it.for([
    ['alsa:plughw:9,0', /^missing: alsa:plughw:9,0 cannot be opened: .*No such (file|device)/],
    ['pulse:default', /^missing: pulse:default cannot be opened: \S/],
    ['file:/nowhere/talk.wav', /^missing: \/nowhere\/talk.wav cannot be opened: .*No such file/],
  ] as const)('is missing, with the reason: %s', async ([sinkText, expected], { expect, onTestFinished }) => {
    const { player, states, untilState } = await openPlayer(onTestFinished, { sinkText });
    player.open({ payloadType });
    await untilState('missing');
    expect(states.at(-1)).toMatch(expected);
  });
});
