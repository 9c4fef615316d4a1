import { describe, expect, it } from 'vitest';
import { emptyStats } from '../../../../viewer/client/stats-meter.ts';
import { describeBrowser } from '../../../../viewer/ui/browser-label.ts';
import { parseCommands } from '../../../../viewer/ui/command-list.ts';
import { formatResult } from '../../../../viewer/ui/command-result.ts';
import { buildSnapshotName, takeSnapshot } from '../../../../viewer/ui/snapshot.ts';
import { buildSparkline } from '../../../../viewer/ui/sparkline.ts';
import { buildPathRows, buildPictureRows, buildStatsSummary } from '../../../../viewer/ui/stats-text.ts';

describe('statistics in words', () => {
  it('show a dash for what is not known, and no figure that is none', () => {
    const values = [...buildPictureRows(emptyStats), ...buildPathRows(emptyStats)].map(({ value }) => value);
    expect(values).toContain('–');
    expect(values.join(' ')).not.toMatch(/null|NaN|undefined/);
  });

  it('say whether the path is direct', () => {
    const path = (localCandidate: string, remoteCandidate: string) =>
      buildPathRows({ ...emptyStats, localCandidate, remoteCandidate }).at(-1)?.value;
    expect(path('host', 'srflx')).toBe('direct (host – srflx)');
    expect(path('relay', 'host')).toBe('relayed (relay – host)');
  });

  it('keep to what is known beside the picture', () => {
    const stats = { ...emptyStats, width: 1280, height: 720, framesPerSecond: 29.9, bitrateKbps: 1999, rttMs: null };
    const texts = (glassToGlassMs: number | null) =>
      buildStatsSummary({ ...stats, glassToGlassMs }).map(({ text }) => text);
    expect(texts(null)).toEqual(['1280 × 720', '30 fps', '2.0 Mbit/s']);
    expect(texts(42.6)).toEqual(['43 ms', '1280 × 720', '30 fps', '2.0 Mbit/s']);
  });

  it('draw a curve whose newest value is at the right edge', () => {
    expect(buildSparkline([1], 60)).toBe('');
    expect(buildSparkline([0, 10], 61)).toBe('118.0,30.0 120.0,2.0');
    expect(buildSparkline([0, 0], 61)).toBe('118.0,30.0 120.0,30.0');
    expect(buildSparkline([0, 10], 61, 20)).toBe('118.0,30.0 120.0,16.0');
  });
});

describe('commands', () => {
  const command = { name: 'device.ping', title: 'Ping', role: 'view', params: {}, result: {} };

  it('are listed by name, without the listing itself and what makes no sense', () => {
    const commands = [{ ...command, name: 'rpc.discover' }, { name: 7 }, command, { ...command, name: 'camera.list' }];
    expect(parseCommands({ commands }).map(({ name }) => name)).toEqual(['camera.list', 'device.ping']);
    expect(parseCommands('junk')).toEqual([]);
  });

  it('show binary data by its size', () => {
    expect(formatResult({ camera: 'cam0', data: new Uint8Array(5) })).toBe(
      '{\n  "camera": "cam0",\n  "data": "5 bytes"\n}',
    );
    expect(formatResult(undefined)).toBe('null');
  });
});

describe('snapshots', () => {
  it('are named after device, camera and time, in letters that every system takes', () => {
    const name = buildSnapshotName('Böse/..\\Jacht cam0', new Date('2026-01-02T03:04:05.678Z'));
    expect(name).toBe('Böse-Jacht-cam0-2026-01-02T03-04-05Z.jpg');
    expect(buildSnapshotName(' ', new Date(0))).toMatch(/^snapshot-1970/);
  });

  it('fail with a named error when the answer has no picture', async () => {
    const call = async () => ({ camera: 'cam0' });
    await expect(takeSnapshot({ call, camera: undefined })).rejects.toMatchObject({ code: 'internal-error' });
  });
});

describe('the label of this browser', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
  const webKit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
  it.each([
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome} Safari/537.36`, 'Chrome on Linux'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome.replace('Chrome', 'HeadlessChrome')} Safari/537.36`, 'Chrome on Linux'],
    [`Mozilla/5.0 (X11; CrOS aarch64 16093.0.0) ${chrome} Safari/537.36`, 'Chrome on ChromeOS'],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${webKit} CriOS/140.0 Mobile/15E148 Safari/604.1`,
      'Chrome on iPhone',
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet on Android',
    ],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${webKit} Version/18.0 EdgiOS/140.0 Mobile/15E148 Safari/604.1`,
      'Edge on iPhone',
    ],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 OPR/120.0.0.0`, 'Opera on Windows'],
    ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${webKit} Version/18.0 Mobile/15E148 Safari/604.1`,
      'Safari on iPhone',
    ],
    [`Mozilla/5.0 (X11; Linux aarch64) ${webKit} Safari/605.1.15`, 'Browser on Linux'],
    ['curl', 'Browser'],
  ])('reads %s as %s', (userAgent, label) => {
    expect(describeBrowser({ userAgent, maxTouchPoints: 5 })).toBe(label);
  });

  it('knows an iPad, which calls itself a Mac, by its touch screen', () => {
    const userAgent = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Version/18.0 Safari/605.1.15`;
    expect(describeBrowser({ userAgent, maxTouchPoints: 0 })).toBe('Safari on macOS');
    expect(describeBrowser({ userAgent, maxTouchPoints: 5 })).toBe('Safari on iPad');
  });
});
