import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CameraSearch } from '../../../agent/camera-search.ts';
import { defaultCameraConfig } from '../../../agent/config/camera-schema.ts';
import type { CameraConfig } from '../../../agent/config/config-schema.ts';

const webcam = (source: string) => defaultCameraConfig({ source, name: 'Webcam' });

/** @param sights what is there at each look, in their order; the last one stays */
function startSearch(sights: (CameraConfig | null)[]) {
  const found: string[] = [];
  let lookCount = 0;
  const search = new CameraSearch({
    find: async () => sights[Math.min(lookCount++, sights.length - 1)] ?? null,
    onFound: ({ source }) => found.push(source),
  });
  search.start();
  return { search, found, lookCount: () => lookCount };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks until there is a camera, and takes it once', async () => {
  const { found, lookCount } = startSearch([null, null, webcam('/dev/video0')]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(found).toEqual(['/dev/video0']);
  expect(lookCount()).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});

it('waits for the name that a camera keeps', async () => {
  const { found } = startSearch([webcam('/dev/video0'), webcam('/dev/v4l/by-id/usb-cam')]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(found).toEqual(['/dev/v4l/by-id/usb-cam']);
});

it('forgets a camera that was there for a moment only', async () => {
  const { found } = startSearch([webcam('/dev/video0'), null]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(found).toEqual([]);
});

it('takes none after it was stopped, not even in the middle of a look', async () => {
  const { search, found } = startSearch([webcam('/dev/video0')]);
  await vi.advanceTimersByTimeAsync(2_000);
  vi.advanceTimersByTime(2_000);
  await search.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(found).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
