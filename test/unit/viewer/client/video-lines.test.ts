import { describe, expect, it } from 'vitest';
import { type VideoLine, VideoLines } from '../../../../viewer/client/video-lines.ts';

const qualityOf = (mid: string, camera: string) => ({ mid, camera, rendition: 'top', targetKbps: 1, reason: 'start' });

describe('VideoLines', () => {
  const changes: string[] = [];
  const describeLines = (lines: readonly VideoLine[]) =>
    lines.map(({ camera, shown }) => (camera === shown ? camera : `${camera}, still ${shown}`)).join(' | ');
  const lines = new VideoLines({ onChange: (all) => changes.push(describeLines(all)) });

  it('shows the camera before until the chosen one flows, and tells each change once', () => {
    lines.open([
      { mid: 'v0', camera: 'a' },
      { mid: 'v1', camera: 'b' },
    ]);
    lines.handleQuality(qualityOf('v0', 'a'));
    lines.select('c');
    lines.handleQuality(qualityOf('v1', 'b'));
    lines.handleQuality(qualityOf('unheard of', 'c'));
    lines.handleQuality(qualityOf('v0', 'c'));
    lines.handleQuality(qualityOf('v0', 'c'));
    expect(changes).toEqual(['a | b', 'c, still a | b', 'c | b']);
  });
});
