import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import type { TalkState } from '../../viewer/ui/talk-switch.ts';
import { decodeSound, durationMsOf, type Sound } from '../helpers/audio-signal.ts';
import { readChildCommandLines } from '../helpers/child-processes.ts';
import { fakeMicrophone, openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { endAll, runCommand, startUpWith, tempDir, waitFor } from '../helpers/e2e/command.ts';

afterEach(endAll);

interface Heard {
  packets: number;
  lost: number;
  energy: number;
}

/** Makes a page's connections readable, which the element keeps to itself. */
async function exposeConnections(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const connections: RTCPeerConnection[] = [];
    Object.assign(globalThis, { connections });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        connections.push(this);
      }
    };
  });
}

/** What the browser has received of the sound. */
function heardBy(viewer: ViewerPage): Promise<Heard> {
  return viewer.page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const report = await connections.at(-1)?.getStats();
    const inbound = [...((report ?? new Map()) as Map<string, RTCStats>).values()].filter(
      (entry): entry is RTCInboundRtpStreamStats =>
        entry.type === 'inbound-rtp' && (entry as RTCInboundRtpStreamStats).kind === 'audio',
    );
    const { packetsReceived = 0, packetsLost = 0, totalAudioEnergy = 0 } = inbound[0] ?? {};
    return { packets: packetsReceived, lost: packetsLost, energy: totalAudioEnergy };
  });
}

describe('the sound of the device', () => {
  it('is captured and sent to those who listen, from the moment they do', async () => {
    const { facts } = await startUpWith({ cameras: [{ source: 'test' }], audio: { source: 'test' } });
    const context = await openBrowser();
    await exposeConnections(context);
    const viewer = await ViewerPage.open(context, facts.link);
    const describe = async () => JSON.stringify(await heardBy(viewer));
    await viewer.untilMoved(2_000);
    expect(await viewer.read((view) => view.muted)).toBe(true);
    expect((await heardBy(viewer)).packets).toBe(0);
    expect(await encodesSound()).toBe(false);
    const video = viewer.page.locator('porthole-view video');
    const kinds = await video.evaluate((element) =>
      ((element as HTMLVideoElement).srcObject as MediaStream).getTracks().map(({ kind }) => kind),
    );
    expect(kinds.sort()).toEqual(['audio', 'video']);

    await viewer.page.getByRole('button', { name: 'Sound on' }).click();
    await untilBeeps(viewer);
    expect(await video.evaluate((element) => (element as HTMLVideoElement).muted)).toBe(false);
    expect(await viewer.read((view) => view.muted)).toBe(false);
    expect(await encodesSound()).toBe(true);

    await viewer.page.getByRole('button', { name: 'Sound off' }).click();
    // Packets that are on their way may still come, in the first of two equal readings.
    let packets = -1;
    await waitFor(
      async () => {
        const before = packets;
        packets = (await heardBy(viewer)).packets;
        await viewer.untilMoved(300);
        return packets === before;
      },
      5_000,
      describe,
    );

    await viewer.read((view) => {
      view.muted = false;
    });
    await untilBeeps(viewer);
    // Numbers that did not go on where they were would count as a loss of thousands.
    expect((await heardBy(viewer)).lost).toBeLessThan(50);
    expect(viewer.problems).toEqual([]);
  });

  it('goes on after the path was lost', async () => {
    const { facts, command } = await startUpWith({ cameras: [{ source: 'test' }], audio: { source: 'test' } });
    const context = await openBrowser();
    await exposeConnections(context);
    const viewer = await ViewerPage.open(context, facts.link);
    await viewer.untilState('connected');
    await viewer.read((view) => {
      view.muted = false;
    });
    await untilBeeps(viewer);
    command.process.kill('SIGSTOP');
    await viewer.untilState('reconnecting');
    command.process.kill('SIGCONT');
    await viewer.untilState('connected');
    await untilBeeps(viewer);
  });
});

/** The sound of the test source beeps once a second: the energy grows with each beep. */
async function untilBeeps(viewer: ViewerPage): Promise<void> {
  const energies = new Set<number>();
  await waitFor(
    async () => energies.add((await heardBy(viewer)).energy).size > 20,
    10_000,
    async () => JSON.stringify(await heardBy(viewer)),
  );
}

/** Whether anything on the device encodes sound. */
async function encodesSound(): Promise<boolean> {
  return (await readChildCommandLines()).some((line) => line.includes('libopus'));
}

describe('talking', () => {
  it('is heard on the device, by one viewer at a time, and not open to those who only watch', async () => {
    const sink = join(await tempDir(), 'heard.wav');
    const { facts } = await startUpWith({ cameras: [{ source: 'test' }], talk: { sink: `file:${sink}` } });
    const invite = await runCommand('invite', '--json', '--role', 'view', '--state', facts.statePath);
    const { link: viewLink } = JSON.parse(invite.stdout) as { link: string };
    const context = await openBrowser(fakeMicrophone);
    const talker = await ViewerPage.open(context, facts.link);
    const second = await ViewerPage.open(context, facts.link);
    const watcher = await ViewerPage.open(await openBrowser(fakeMicrophone), viewLink);
    for (const viewer of [talker, second, watcher]) await viewer.untilState('connected');
    await talker.page.bringToFront();

    expect(await buttonOf(watcher).count()).toBe(0);
    await expect(watcher.read((view) => view.call('talk.take'))).rejects.toThrow('may not talk');

    // There is nothing to hear, and so nothing to switch on.
    expect(await talker.page.getByRole('button', { name: 'Sound on' }).count()).toBe(0);

    await buttonOf(talker).click();
    await untilTalk(talker, 'talking');
    await untilTalk(second, 'taken');
    const refusal = await second.read((view) => view.call('talk.take').catch(({ code }: { code: string }) => code));
    expect(refusal).toBe('unavailable');
    // The fake microphone beeps once a second.
    const sound = await waitFor(
      async () => {
        const heard = await decodeSound(sink).catch(() => null);
        return heard && durationMsOf(heard) > 2_000 ? heard : null;
      },
      15_000,
      () => 'no two seconds of sound',
    );
    const levels = levelsOf(sound);
    console.log(
      `talk-back: ${Math.round(durationMsOf(sound))} ms, loudest ${levels.at(-1)}, median ${levels[levels.length >> 1]}`,
    );
    expect(levels.at(-1)).toBeGreaterThan(0.02);

    await buttonOf(talker).click();
    await untilTalk(second, 'off');
    await second.page.bringToFront();
    await buttonOf(second).click();
    await untilTalk(second, 'talking');
    await untilTalk(talker, 'taken');
  });
});

function buttonOf(viewer: ViewerPage) {
  return viewer.page.locator('porthole-view button.talk');
}

async function untilTalk(viewer: ViewerPage, state: TalkState): Promise<void> {
  await waitFor(
    async () => (await buttonOf(viewer).getAttribute('data-talk')) === state,
    5_000,
    () => `not ${state}`,
  );
}

/** The level (RMS) of each twentieth of a second, lowest first. */
function levelsOf({ samples, sampleRate }: Sound): number[] {
  const length = sampleRate / 20;
  const parts = Array.from({ length: Math.floor(samples.length / length) }, (_, index) =>
    samples.subarray(index * length, (index + 1) * length),
  );
  const rms = parts.map((part) => Math.sqrt(part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length));
  return rms.map((level) => Math.round(level * 1e4) / 1e4).sort((one, other) => one - other);
}
