import { describe, expect, it } from 'vitest';
import {
  buildFileInputOptions,
  buildLiveFileInput,
  buildRpicamInput,
  buildV4l2Input,
} from '../../../../agent/camera/ffmpeg-input.ts';
import {
  buildCloseCommand,
  buildGate,
  buildOpenAfterNextCommand,
  buildPassOneCommand,
} from '../../../../agent/camera/filter-commands.ts';
import { buildOutputs } from '../../../../agent/camera/outputs.ts';
import { buildRenditions } from '../../../../agent/camera/renditions.ts';
import type { V4l2Choice } from '../../../../agent/camera/v4l2-formats.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };

const v5 = { major: 5, minor: 1 };
const v7 = { major: 7, minor: 1 };

describe('the input', () => {
  it('of a file comes in real time, that of a FIFO as it is written', () => {
    expect(buildFileInputOptions(v5)).toContain('-re');
    const live = buildLiveFileInput('/a.y4m');
    expect(live.options).toContain('yuv4mpegpipe');
    expect(live.options).not.toContain('-re');
    expect(live.source).toBe('file:/a.y4m');
  });

  it('keeps version 7 from a burst at the start, with an option that older versions do not know', () => {
    expect(buildFileInputOptions(v7)).toContain('-readrate_initial_burst');
    expect(buildFileInputOptions(v5)).not.toContain('-readrate_initial_burst');
  });

  it('of a device comes in the form that was chosen, or as the driver likes', () => {
    const choice: V4l2Choice = { format: 'mjpeg', width: 1184, height: 656 };
    const chosen = buildV4l2Input('/dev/video0', video, choice).options.join(' ');
    expect(chosen).toContain('-input_format mjpeg -framerate 30 -video_size 1184x656');
    expect(buildV4l2Input('/dev/video0', video, null).options.join(' ')).toMatch(
      /v4l2 -framerate 30 -video_size 1280x720$/,
    );
  });

  it('of a CSI camera is told what comes, since the FIFO does not say', () => {
    const stream = { ...video, index: 0, codec: 'yuv420', width: 640, height: 360 } as const;
    const raw = buildRpicamInput('/run/cam.fifo', stream);
    expect(raw.options.join(' ')).toMatch(/-f rawvideo -pix_fmt yuvj420p -video_size 640x360 -framerate 30$/);
    expect(raw.source).toBe('file:/run/cam.fifo');
    expect(buildRpicamInput('/x', { ...stream, codec: 'h264' }).options.slice(-2)).toEqual(['-f', 'h264']);
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
