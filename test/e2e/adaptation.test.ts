import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { testPatternClock } from '../../agent/camera/test-pattern.ts';
import { installProbe } from '../../scripts/bench/page-probe.ts';
import { changePath, openRelayedPath } from '../../scripts/bench/relayed-device.ts';
import { Started } from '../../scripts/bench/started.ts';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { endAll, onTestEnd, startUp, tempDir, waitFor } from '../helpers/e2e/command.ts';

afterEach(endAll);

describe('a path that becomes narrow', () => {
  it('makes the picture smaller, and full again when it is wide again, and the page says why', async () => {
    const started = new Started();
    onTestEnd(() => started.endAll());
    const { relay, announcement, ports } = await openRelayedPath(started, {
      delayMs: 20,
      queueMaxBytes: 200_000,
      rateKbps: 4_000,
    });
    const { address, devicePorts, firstPort } = announcement;
    const config = join(await tempDir(), 'porthole.yaml');
    const ice = { portRange: devicePorts, announce: { address, ports: { from: firstPort }, only: true } };
    await writeFile(config, JSON.stringify({ ice }));
    const { facts } = await startUp(['--camera', 'test', '--config', config]);
    const browser = await openBrowser();
    // Otherwise the two sides would find each other past the relay.
    await browser.addInitScript(installProbe, { relayPorts: ports, clock: testPatternClock });
    const viewer = await ViewerPage.open(browser, facts.link);
    await viewer.untilState('connected');
    const stats = () => viewer.read((view) => view.stats);
    const untilRendition = async (names: string[], timeoutMs: number) => {
      const startedAtMs = performance.now();
      await waitFor(
        async () => names.includes((await stats()).rendition ?? ''),
        timeoutMs,
        () => `never ${names.join(' or ')}`,
      );
      return Math.round(performance.now() - startedAtMs);
    };
    await untilRendition(['top'], 15_000);
    await waitFor(async () => (await stats()).width === 1280, 10_000);

    changePath(relay, { rateKbps: 600 });
    const downMs = await untilRendition(['half', 'quarter'], 10_000);
    const { rendition, qualityReason, targetKbps } = await stats();
    expect(['delay', 'loss', 'feedback-gap']).toContain(qualityReason);
    await waitFor(async () => relay.queueDelayMs('to-viewer') < 200, 10_000);
    await viewer.untilMoved(1_000);

    changePath(relay, { rateKbps: 4_000 });
    const upMs = await untilRendition(['top'], 45_000);
    await waitFor(async () => (await stats()).width === 1280, 5_000);
    console.log(
      `4 -> 0.6 Mbit/s: ${rendition} after ${downMs} ms (${qualityReason}, ${targetKbps} kbit/s); 0.6 -> 4 Mbit/s: top after ${upMs} ms`,
    );
  });
});
