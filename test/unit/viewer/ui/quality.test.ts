import { describe, expect, it } from 'vitest';
import { clockText } from '../../../../viewer/ui/quality-history.ts';
import { QualityLog } from '../../../../viewer/ui/quality-log.ts';
import { describeQuality, describeReason } from '../../../../viewer/ui/quality-words.ts';
import { qualityLabel } from '../../../../viewer/ui/view-menus.ts';

const event = (rendition: string, camera = 'cam0', mid = `line of ${camera}`.slice(0, 16)) => ({
  mid,
  camera,
  rendition,
  targetKbps: 900,
  reason: 'delay',
});

describe('quality in words', () => {
  it('says what is sent and what the path carries', () => {
    expect(describeQuality(event('half'))).toBe('Half size: the path carries 0.9 Mbit/s');
    expect(describeQuality({ rendition: 'keyframes-only', targetKbps: 80, reason: 'delay' })).toBe(
      'Single pictures: the path carries 80 kbit/s',
    );
    expect(describeQuality({ rendition: 'top', targetKbps: 12_345, reason: 'increase' })).toContain('12 Mbit/s');
  });

  it('tells reasons that are not the path', () => {
    expect(describeReason({ rendition: 'half', targetKbps: 900, reason: 'pinned' })).toBe('chosen by you');
    expect(describeReason({ rendition: 'half', targetKbps: 900, reason: 'loss' })).toBe(
      'packets get lost, the path carries 0.9 Mbit/s',
    );
    expect(describeReason({ rendition: 'half', targetKbps: null, reason: 'loss' })).toBe('packets get lost');
  });

  it('calls what it does not know as the device does', () => {
    expect(describeQuality({ rendition: 'av1', targetKbps: null, reason: 'moon-phase' })).toBe('av1: moon phase');
    expect(describeQuality({ rendition: 'top', targetKbps: null, reason: null })).toBe('Full size');
  });

  it('names on the button what is chosen, and what comes of it where that is less', () => {
    expect(qualityLabel('auto', null)).toBe('Auto');
    expect(qualityLabel('auto', event('top'))).toBe('Auto');
    expect(qualityLabel('auto', event('half'))).toBe('Auto · half size');
    expect(qualityLabel('half', event('half'))).toBe('Half size');
    expect(qualityLabel('top', event('keyframes-only'))).toBe('Full size · single pictures');
    expect(qualityLabel('auto', event('vp8'))).toBe('Auto');
  });

  it('tells the time in digits of one width', () => {
    expect(clockText(new Date(2026, 0, 2, 3, 4, 5))).toBe('03:04:05');
  });
});

describe('QualityLog', () => {
  const renditions = (log: QualityLog) => log.changes.map(({ from, rendition }) => `${from} ${rendition}`);

  it('keeps what has changed, newest first, and no mere change of the target', () => {
    const log = new QualityLog();
    log.handleEvent(event('top'), 1);
    log.handleEvent({ ...event('top'), targetKbps: 700 }, 2);
    log.handleEvent(event('half'), 3);
    expect(renditions(log)).toEqual(['top half', 'null top']);
    expect(log.changes[0]).toMatchObject({ atMs: 3, targetKbps: 900, reason: 'delay' });
  });

  it('knows the latest of each camera', () => {
    const log = new QualityLog();
    log.handleEvent(event('top', 'a'), 1);
    log.handleEvent(event('half', 'b'), 2);
    log.handleEvent({ ...event('top', 'a'), targetKbps: 5_000 }, 3);
    expect(log.of('a')?.targetKbps).toBe(5_000);
    expect(log.of('b')?.rendition).toBe('half');
    expect(log.of('c')).toBeNull();
  });

  it('knows nothing any more of a camera whose line shows another', () => {
    const log = new QualityLog();
    log.handleEvent(event('top', 'a', 'v0'), 1);
    log.handleEvent(event('half', 'b', 'v0'), 2);
    expect([log.of('a'), log.of('b')?.rendition]).toEqual([null, 'half']);
    expect(renditions(log)).toEqual(['null half', 'null top']);
  });

  it('keeps the last 20 changes', () => {
    const log = new QualityLog();
    for (let index = 0; index < 50; index += 1) log.handleEvent(event(index % 2 ? 'top' : 'half'), index);
    expect(log.changes).toHaveLength(20);
    expect(log.changes.at(-1)?.atMs).toBe(30);
  });

  it('drops what is no such event', () => {
    const log = new QualityLog();
    for (const junk of [null, 'top', {}, { ...event('top'), targetKbps: 'much' }, { ...event('x'.repeat(99)) }]) {
      log.handleEvent(junk, 1);
    }
    expect(log.changes).toEqual([]);
  });

  it('begins a session with nothing known, and the record kept', () => {
    const log = new QualityLog();
    log.handleEvent(event('half'), 1);
    log.beginSession();
    expect(log.of('cam0')).toBeNull();
    log.handleEvent(event('half'), 2);
    expect(renditions(log)).toEqual(['null half', 'null half']);
  });
});
