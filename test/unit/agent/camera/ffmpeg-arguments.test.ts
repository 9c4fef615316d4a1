import { describe, expect, it } from 'vitest';
import type { CameraSource } from '../../../../agent/camera/camera-source.ts';
import { buildInput } from '../../../../agent/camera/ffmpeg-input.ts';
import {
  buildCloseCommand,
  buildGate,
  buildOpenAfterNextCommand,
  buildPassOneCommand,
} from '../../../../agent/camera/filter-commands.ts';
import { buildOutputs } from '../../../../agent/camera/outputs.ts';
import { buildFilePlaylist, buildRtspPlaylist } from '../../../../agent/camera/playlist.ts';
import { buildRenditions } from '../../../../agent/camera/renditions.ts';
import type { V4l2Choice } from '../../../../agent/camera/v4l2-formats.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };

const input = (source: CameraSource, options: { isLiveFile?: boolean; major?: number; v4l2?: V4l2Choice } = {}) =>
  buildInput({
    source,
    isLiveFile: options.isLiveFile ?? false,
    video,
    ffmpegVersion: { major: options.major ?? 5, minor: 1 },
    v4l2: options.v4l2 ?? null,
    playlistPath: '/run/cam.ffconcat',
  });

describe('buildInput', () => {
  it('plays a file in real time, and a FIFO as it comes', () => {
    const path = '/a.y4m';
    expect(input({ kind: 'file', path })).toMatchObject({ options: expect.arrayContaining(['-re', 'concat']) });
    const live = input({ kind: 'file', path }, { isLiveFile: true });
    expect(live.options).toContain('yuv4mpegpipe');
    expect(live.options).not.toContain('-re');
    expect(live.source).toBe('file:/a.y4m');
  });

  it('limits the protocols of every source that names others', () => {
    const sources: CameraSource[] = [
      { kind: 'rtsp', url: 'rtsp://cam/' },
      { kind: 'file', path: 'x' },
    ];
    for (const source of sources) expect(input(source).options).toContain('-protocol_whitelist');
  });

  it('keeps version 7 from a burst at the start, with an option that older versions do not know', () => {
    expect(input({ kind: 'file', path: 'x' }, { major: 7 }).options).toContain('-readrate_initial_burst');
    expect(input({ kind: 'file', path: 'x' }, { major: 5 }).options).not.toContain('-readrate_initial_burst');
  });

  it('asks a device for the form that was chosen, or leaves that to the driver', () => {
    const source: CameraSource = { kind: 'v4l2', devicePath: '/dev/video0' };
    const chosen = input(source, { v4l2: { format: 'mjpeg', width: 1184, height: 656 } }).options.join(' ');
    expect(chosen).toContain('-input_format mjpeg -framerate 30 -video_size 1184x656');
    expect(input(source).options.join(' ')).toMatch(/v4l2 -framerate 30 -video_size 1280x720$/);
  });

  it('keeps the URL of a network camera out of the arguments', () => {
    const { options, source } = input({ kind: 'rtsp', url: 'rtsp://u:secret@cam/' });
    expect([...options, source].join(' ')).not.toContain('secret');
    expect(source).toBe('file:/run/cam.ffconcat');
  });
});

describe('a playlist', () => {
  it('names a network camera alone, and limits the protocols', () => {
    const lines = buildRtspPlaylist('rtsp://u:secret@cam/a?b=c').split('\n');
    expect(lines.filter((line) => line.startsWith('file'))).toEqual(["file 'rtsp://u:secret@cam/a?b=c'"]);
    expect(lines.find((line) => line.includes('protocol_whitelist'))).not.toContain('file');
  });

  it('repeats a file, which stays a file whatever it looks like', () => {
    const lines = buildFilePlaylist('http://x').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1000);
    expect(new Set(lines.slice(1))).toEqual(new Set(["file 'file:http://x'"]));
  });

  it('quotes what would end the name', () => {
    expect(buildRtspPlaylist("rtsp://cam/it's")).toContain(String.raw`file 'rtsp://cam/it'\''s'`);
  });
});

const outputsFor = (options: { isLiveFile?: boolean; isPassthrough?: boolean } = {}) =>
  buildOutputs({
    renditions: buildRenditions({
      video,
      encoder: 'libx264',
      hasVp8: true,
      isPassthrough: options.isPassthrough ?? false,
    }),
    encoder: 'libx264',
    video,
    isLiveFile: options.isLiveFile ?? false,
    isOpen: (name) => name === 'half',
    targetOf: (name) => `unix:/run/${name}`,
  });

describe('buildOutputs', () => {
  it('thins out a source that is too fast, but never a live file', () => {
    expect(outputsFor()[0]?.options.join(' ')).toContain('select=');
    expect(outputsFor({ isLiveFile: true })[0]?.options.join(' ')).not.toContain("select='");
  });

  it('makes one output per rendition and one for snapshots, each with a gate that commands reach', () => {
    const outputs = outputsFor();
    expect(outputs.map((output) => output.target)).toEqual(
      ['top', 'half', 'quarter', 'vp8', 'snapshot'].map((name) => `unix:/run/${name}`),
    );
    for (const [index, name] of ['top', 'half', 'quarter', 'vp8', 'snapshot'].entries()) {
      const gate = buildGate(`gate_${name}`, name === 'half' ? 'open' : 'closed');
      expect(outputs[index]?.options.join(' ')).toContain(gate);
    }
  });

  it('copies the best rendition when it is passed through, and encodes the others', () => {
    const [top, half] = outputsFor({ isPassthrough: true }).map((output) => output.options.join(' '));
    expect(top).toContain('-c:v copy -bsf:v h264_mp4toannexb');
    expect(top).not.toContain('-vf');
    expect(half).toContain('libx264');
  });
});

describe('the commands for a gate', () => {
  it('names the filter of the gate', () => {
    expect(buildGate('g', 'closed')).toBe('metadata@g=mode=select:key=nokey:enable=1');
    expect(buildGate('g', 'open')).toBe('metadata@g=mode=select:key=nokey:enable=0');
    for (const build of [buildCloseCommand, buildOpenAfterNextCommand, buildPassOneCommand]) {
      expect(build('g')).toMatch(/^cmetadata@g -1 enable [^\n]+$/);
    }
  });
});
