import { describe, expect, it } from 'vitest';
import { parseCameraSource } from '../../../agent/sources/camera-source.ts';
import { buildCameraName } from '../../../cli/agent-config.ts';

describe('buildCameraName', () => {
  it.each([
    ['test', 'Test pattern'],
    ['file:/srv/videos/garden.mp4', 'garden.mp4'],
    ['/dev/video2', 'video2'],
    ['rpicam', 'rpicam:0'],
    ['rtsp://me:secret@cam.example:554/live', 'cam.example'],
    ['rtsp://cam.example/live?user=me&password=secret', 'cam.example'],
    ['rtsp://cam.example/user=me&password=secret', 'cam.example'],
  ])('calls %s what viewers may know of it', (text, name) => {
    const source = parseCameraSource(text);
    expect(source.ok && buildCameraName(source.value)).toBe(name);
  });
});
