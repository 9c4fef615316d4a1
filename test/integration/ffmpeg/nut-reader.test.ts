import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type NutPacket, NutReader } from '../../../agent/ffmpeg/nut-reader.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';

interface ProbedPacket {
  stream_index: number;
  pts_time: string;
  size: string;
  flags: string;
}

let ffmpeg: string;

beforeAll(async () => {
  ffmpeg = (await testFfmpeg()).path;
});

function read(chunks: Iterable<Buffer>): NutPacket[] {
  const packets: NutPacket[] = [];
  const reader = new NutReader((packet) => packets.push(packet));
  for (const chunk of chunks) reader.push(chunk);
  return packets;
}

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function probe(nut: Buffer): Promise<object[]> {
  const output = await runTool('ffprobe', ['-f', 'nut', '-show_packets', '-of', 'json', 'pipe:0'], nut);
  const { packets } = JSON.parse(output.toString()) as { packets: ProbedPacket[] };
  return packets.map((packet) => ({
    streamIndex: packet.stream_index,
    ptsTicks90k: Math.round(Number(packet.pts_time) * 90_000),
    size: Number(packet.size),
    isKeyframe: packet.flags.startsWith('K'),
  }));
}

const summary = ({ data, ...rest }: NutPacket) => ({ ...rest, size: data.length });
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=2'];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=2'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20'];

// Timestamps of a time base that 90 kHz does not divide are compared within a tick, because ffprobe prints microseconds.
function expectSamePackets(packets: NutPacket[], probed: object[]): void {
  const withoutTime = (packet: object) => ({ ...packet, ptsTicks90k: 0 });
  expect(packets.map(summary).map(withoutTime)).toEqual(probed.map(withoutTime));
  for (const [index, packet] of packets.entries()) {
    const { ptsTicks90k } = probed[index] as { ptsTicks90k: number };
    expect(Math.abs(packet.ptsTicks90k - ptsTicks90k)).toBeLessThanOrEqual(1);
  }
}

describe('NutReader on the output of ffmpeg', () => {
  it.each<[string, string[]]>([
    ['h264', [...picture, ...h264, '-tune', 'zerolatency']],
    ['h264 with B-frames', [...picture, ...h264, '-bf', '3', '-x264-params', 'b-adapt=0']],
    ['mjpeg', [...picture, '-c:v', 'mjpeg']],
    ['opus', [...sound, '-c:a', 'libopus']],
    ['raw video', [...picture, '-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-t', '0.5']],
    ['mp3 and mpeg4, whose beginnings are left out', [...picture, ...sound, '-c:v', 'mpeg4', '-c:a', 'libmp3lame']],
    ['several streams', [...picture, ...sound, '-map', '0', '-map', '0', '-map', '1', ...h264, '-c:a', 'libopus']],
    [
      'headers that are repeated',
      ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=8', '-c:v', 'rawvideo', '-pix_fmt', 'gray'],
    ],
    [
      'timestamped syncpoints (version 4)',
      [...picture, ...h264, '-syncpoints', 'timestamped', '-strict', 'experimental'],
    ],
    ['no syncpoints (version 4)', [...picture, ...h264, '-syncpoints', 'none', '-strict', 'experimental']],
    ['a time base of 1001/30000', ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30000/1001:duration=2', ...h264]],
    [
      'a time base of 1/90000',
      [...picture, ...h264, '-enc_time_base', '1:90000', '-fps_mode', 'passthrough', '-write_index', '0'],
    ],
  ])('agrees with ffprobe: %s', async (_what, args) => {
    const nut = await runTool(ffmpeg, [...args, '-f', 'nut', 'pipe:1']);
    const packets = read(cut(nut, 65_536));
    expect(packets.length).toBeGreaterThan(10);
    expectSamePackets(packets, await probe(nut));
  });

  it('gives packets that a decoder takes without complaint', async () => {
    const nut = await runTool(ffmpeg, [...picture, ...h264, '-x264-params', 'repeat-headers=1', '-f', 'nut', 'pipe:1']);
    const annexB = Buffer.concat(read([nut]).map((packet) => packet.data));
    const frames = await runTool(
      ffmpeg,
      ['-f', 'h264', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
      annexB,
    );
    expect(frames.length).toBe(60 * 320 * 180);
  });

  it('gives the same packets however the bytes are cut', async () => {
    const nut = await runTool(ffmpeg, [...picture, ...h264, '-f', 'nut', 'pipe:1']);
    const whole = read([nut]).map(summary);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (size) => {
        expect(read(cut(nut, size)).map(summary)).toEqual(whole);
      }),
      { numRuns: 20, examples: [[1]] },
    );
  });
});
