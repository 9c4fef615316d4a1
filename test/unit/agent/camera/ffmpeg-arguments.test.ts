import { describe, expect, it } from 'vitest';
import type { CameraSource } from '../../../../agent/camera/camera-source.ts';
import { buildInput } from '../../../../agent/camera/ffmpeg-input.ts';
import {
  buildCloseCommand,
  buildDropOneCommand,
  buildGate,
  buildOpenCommand,
  buildPassOneCommand,
} from '../../../../agent/camera/filter-commands.ts';
import { buildOutputs, renditions } from '../../../../agent/camera/renditions.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };

const input = (source: CameraSource, options: { isLiveFile?: boolean; major?: number } = {}) =>
  buildInput({
    source,
    isLiveFile: options.isLiveFile ?? false,
    video,
    ffmpegVersion: { major: options.major ?? 5, minor: 1 },
  });

describe('buildInput', () => {
  it('plays a file in real time and for ever, and a FIFO as it comes', () => {
    const path = '/a.y4m';
    expect(input({ kind: 'file', path }).options).toEqual(expect.arrayContaining(['-re', '-stream_loop']));
    const live = input({ kind: 'file', path }, { isLiveFile: true }).options;
    expect(live).toContain('yuv4mpegpipe');
    expect(live).not.toContain('-re');
    expect(live).not.toContain('-stream_loop');
  });

  it('keeps a path a path, whatever it looks like', () => {
    expect(input({ kind: 'file', path: 'http://x' }).source).toBe('file:http://x');
    expect(input({ kind: 'file', path: '-y' }).source).toBe('file:-y');
  });

  it('limits the protocols of every source that names others', () => {
    const sources: CameraSource[] = [
      { kind: 'rtsp', url: 'rtsp://cam/' },
      { kind: 'file', path: 'x' },
    ];
    for (const source of sources) expect(input(source).options).toContain('-protocol_whitelist');
  });

  it('keeps version 7 from a burst at the start, with an option that older versions do not know', () => {
    expect(input({ kind: 'test' }, { major: 7 }).options).toContain('-readrate_initial_burst');
    expect(input({ kind: 'test' }, { major: 5 }).options).not.toContain('-readrate_initial_burst');
  });
});

const outputsFor = (isLiveFile: boolean) =>
  buildOutputs({ encoder: 'libx264', video, isLiveFile, targetOf: (name) => `unix:/run/${name}` });

describe('buildOutputs', () => {
  it('thins out a source that is too fast, but never a live file', () => {
    expect(outputsFor(false)[0]?.options.join(' ')).toContain('select=');
    expect(outputsFor(true)[0]?.options.join(' ')).not.toContain("select='");
  });

  it('makes one output per rendition and one for snapshots, each with a gate that commands reach', () => {
    const outputs = outputsFor(false);
    expect(outputs.map((output) => output.target)).toEqual([
      ...renditions.map(({ name }) => `unix:/run/${name}`),
      'unix:/run/snapshot',
    ]);
    for (const output of outputs) expect(output.options.join(' ')).toContain('metadata@');
  });
});

describe('the commands for a gate', () => {
  it('names the filter of the gate', () => {
    expect(buildGate('g', 'closed')).toBe('metadata@g=mode=select:key=nokey:enable=1');
    expect(buildGate('g', 'open')).toBe('metadata@g=mode=select:key=nokey:enable=0');
    for (const build of [buildOpenCommand, buildCloseCommand, buildDropOneCommand, buildPassOneCommand]) {
      expect(build('g')).toMatch(/^cmetadata@g -1 enable [^\n]+$/);
    }
  });
});
