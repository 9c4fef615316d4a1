import { beforeEach, describe, expect, it } from 'vitest';
import { PictureMeter } from '../../../../viewer/client/picture-meter.ts';
import { emptyStats } from '../../../../viewer/client/stats-meter.ts';
import { countersOf, noLineCounters } from '../../../fakes/fake-viewer-platform.ts';

const door = { ...noLineCounters, mid: 'v0', framesDecoded: 30, bytesReceived: 250_000, width: 1280, height: 720 };
const yard = { ...noLineCounters, mid: 'v1', framesDecoded: 10, bytesReceived: 25_000, width: 320, height: 180 };
const known = { helloSentAtMs: 100, rttMs: 12.34 };
const quality = { mid: 'v1', camera: 'yard', rendition: 'quarter', targetKbps: 200, reason: 'delay' };

describe('PictureMeter', () => {
  let meter: PictureMeter;

  beforeEach(() => {
    meter = new PictureMeter();
    meter.open([
      { mid: 'v0', camera: 'door' },
      { mid: 'v1', camera: 'yard' },
    ]);
  });

  it('tells the figures of each camera, in the order of the lines, and those of the connection', () => {
    meter.handleQuality(quality);
    meter.handleQuality({
      ...quality,
      mid: 'v0',
      camera: 'door',
      rendition: 'top',
      targetKbps: 2_000,
      reason: 'start',
    });
    const stats = meter.measure(countersOf(yard, door), 1_000, known);
    expect(stats.lines).toMatchObject([
      { mid: 'v0', camera: 'door', framesPerSecond: 30, bitrateKbps: 2_000, width: 1280, rendition: 'top' },
      { mid: 'v1', camera: 'yard', framesPerSecond: 10, bitrateKbps: 200, width: 320, rendition: 'quarter' },
    ]);
    expect(stats).toMatchObject({ framesPerSecond: 40, bitrateKbps: 2_200, targetKbps: 2_200, rttMs: 12.3 });
    expect(stats).toMatchObject({ width: 1280, rendition: 'top', qualityReason: 'start' });
  });

  it('measures the latency and the first frame of each line apart', () => {
    meter.setRtpOffsets([{ mid: 'v1', rtpOffset: 0 }]);
    meter.handleFrame('v0', { rtpTimestamp: 9_000, shownAtMs: 400 }, 0);
    meter.handleFrame('v1', { rtpTimestamp: 9_000, shownAtMs: 150 }, 0);
    const stats = meter.measure(countersOf(door, yard), 1_000, known);
    expect(stats.lines.map(({ glassToGlassMs }) => glassToGlassMs)).toEqual([null, 50]);
    expect(stats.lines.map(({ firstFrameMs }) => firstFrameMs)).toEqual([300, 50]);
    expect(stats.firstFrameMs).toBe(50);
  });

  it('names the camera that flows on a line', () => {
    meter.handleQuality({ ...quality, mid: 'v0', camera: 'garage' });
    expect(meter.measure(countersOf(door, yard), 1_000, known).lines[0]?.camera).toBe('garage');
  });

  it('has the same fields before the first measurement', () => {
    const stats = meter.measure(countersOf(), 1_000, { helloSentAtMs: 0, rttMs: null });
    expect(Object.keys(emptyStats).sort()).toEqual(Object.keys(stats).sort());
    expect(stats).toMatchObject({ framesDecoded: 0, width: null, rttMs: null, firstFrameMs: null });
  });
});
