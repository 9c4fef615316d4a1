import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpusRtpPayload, RtpPacket, unwrapRtx } from 'werift-rtp';
import { NutReader } from '../../../agent/ffmpeg/nut-reader.ts';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import { H264Packetizer } from '../../../agent/media/h264-packetizer.ts';
import { OpusPacketizer } from '../../../agent/media/opus-packetizer.ts';
import type { Packetizer } from '../../../agent/media/packetized-unit.ts';
import { RenditionHub } from '../../../agent/media/rendition-hub.ts';
import { Vp8Packetizer } from '../../../agent/media/vp8-packetizer.ts';
import type { FakePacketTransport } from '../../fakes/fake-packet-transport.ts';
import { depacketizeH264, depacketizeVp8, ivfOf } from '../../helpers/media-depacketize.ts';
import { nackPacket } from '../../helpers/media-rtcp.ts';
import { rtxLine, SenderBench, ssrc } from '../../helpers/media-sender-bench.ts';
import { processClock } from '../../helpers/media-units.ts';

const frames = 60;
const gopFrames = 15;
const h264 = '-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -x264-params repeat-headers=1';
const vp8 = '-c:v libvpx -deadline realtime -cpu-used 8 -lag-in-frames 0';
let folder: string;
let bench: SenderBench;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-media-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  vi.useFakeTimers();
  bench = new SenderBench();
});
afterEach(() => {
  bench.close();
  vi.useRealTimers();
});

/** What the agent gets from ffmpeg: the packets of a NUT stream. */
function encode(input: string, encoder: string): AccessUnit[] {
  const args = `-v error -f lavfi -i ${input} ${encoder} -f nut pipe:1`.split(' ');
  const units: AccessUnit[] = [];
  const reader = new NutReader(({ data, ptsTicks90k, isKeyframe }) => {
    const capturedAtMs = ptsTicks90k / 90;
    units.push({ data: Buffer.from(data), ptsTicks90k, isKeyframe, capturedAtMs, arrivedAtMs: capturedAtMs });
  });
  reader.push(execFileSync('ffmpeg', args, { maxBuffer: 1 << 26 }));
  return units;
}

const encodeVideo = (encoder: string, { size = '640x360', kbps = 1500 } = {}) =>
  encode(`testsrc2=size=${size}:rate=30:duration=${frames / 30}`, `${encoder} -b:v ${kbps}k -g ${gopFrames}`);

/** Decodes with every warning an error and returns the checksums of the frames, each in its own size. */
function decode(stream: Buffer, format: 'h264' | 'ivf'): string[] {
  const file = join(folder, `received.${format}`);
  writeFileSync(file, stream);
  const args = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-f', format, '-i', file];
  const output = ['-map', '0:v', '-autoscale', '0', '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'];
  const lines = execFileSync('ffmpeg', [...args, ...output], { encoding: 'utf8', stdio: 'pipe' })
    .trim()
    .split('\n');
  return lines.filter((line) => !line.startsWith('#')).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

const joined = (units: AccessUnit[]) => Buffer.concat(units.map(({ data }) => data));
const payloadsOf = (packets: RtpPacket[]) => packets.map(({ payload }) => payload);
const received = (transport: FakePacketTransport) => decode(depacketizeH264(payloadsOf(transport.rtp)), 'h264');

function buildHub(packetizer: Packetizer): RenditionHub {
  const onSubscriberError = (error: unknown) => {
    throw error;
  };
  return new RenditionHub({ packetizer, clock: processClock, onKeyframeNeeded: () => {}, onSubscriberError });
}

/** Plays units to a hub in real time, on the fake clock. */
function play(hub: RenditionHub, units: AccessUnit[]): void {
  for (const unit of units) {
    hub.handleAccessUnit({ ...unit, capturedAtMs: performance.now(), arrivedAtMs: performance.now() });
    vi.advanceTimersByTime(1000 / 30);
  }
}

describe('VP8 of ffmpeg', () => {
  it('is decoded to the same frames after RTP', () => {
    const units = encodeVideo(vp8);
    const hub = buildHub(new Vp8Packetizer());
    const { transport } = bench.watch({ hub });
    play(hub, units);
    const frameData = depacketizeVp8(transport.rtp);
    expect(frameData).toEqual(units.map(({ data }) => data));
    expect(units.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(hub.stats.keyframesReceived);
    expect(decode(ivfOf(frameData), 'ivf')).toHaveLength(frames);
    hub.close();
  });
});

describe('H.264 of ffmpeg', () => {
  it('is decoded without errors across switches to another rendition and back', () => {
    const [top, quarter] = [encodeVideo(h264), encodeVideo(h264, { size: '160x90', kbps: 120 })];
    const quarterHub = buildHub(new H264Packetizer());
    const { sender, transport } = bench.watch();
    const switchAt = new Map([
      [20, quarterHub],
      [40, bench.hub],
    ]);
    for (let i = 0; i < frames; i += 1) {
      const target = switchAt.get(i);
      if (target) sender.switchTo(target);
      const nowMs = performance.now();
      bench.hub.handleAccessUnit({ ...top[i]!, capturedAtMs: nowMs, arrivedAtMs: nowMs });
      quarterHub.handleAccessUnit({ ...quarter[i]!, capturedAtMs: nowMs, arrivedAtMs: nowMs });
      vi.advanceTimersByTime(1000 / 30);
    }
    // The switches happen with the keyframes that follow, at 30 and 45. At that of the first switch the picture of the
    // old rendition has been sent already, so that one moment is shown twice; at the second it has not.
    const [topFrames, quarterFrames] = [decode(joined(top), 'h264'), decode(joined(quarter), 'h264')];
    expect(received(transport)).toEqual([
      ...topFrames.slice(0, 31),
      ...quarterFrames.slice(30, 45),
      ...topFrames.slice(45),
    ]);
    expect(sender.stats).toMatchObject({ renditionSwitches: 2, framesDropped: 0 });
    quarterHub.close();
  });

  it('is whole again after 20 % loss, by a retransmission stream and through a pacer that holds back', () => {
    const units = encodeVideo(h264);
    const { sender, transport, pacer } = bench.watch({ rtx: rtxLine });
    pacer.setTarget(1_000);
    let sent = 0;
    const lost: number[] = [];
    transport.accepts = (packet) => {
      const isMedia = packet.readUInt32BE(8) === ssrc && packet.readUInt8(1) !== 200;
      if (!isMedia || ++sent % 5 !== 0) return true;
      lost.push(packet.readUInt16BE(2));
      return true;
    };
    for (const unit of units) {
      play(bench.hub, [unit]);
      if (lost.length > 10) sender.handleRtcp(nackPacket(ssrc, lost.splice(0)));
    }
    vi.advanceTimersByTime(500);
    sender.handleRtcp(nackPacket(ssrc, lost.splice(0)));
    const isRtx = (packet: RtpPacket) => packet.header.ssrc === rtxLine.ssrc;
    const media = transport.rtp.filter((packet) => !isRtx(packet));
    const arrived = [
      ...media.filter((_, i) => (i + 1) % 5 !== 0),
      ...transport.rtp.filter(isRtx).map((packet) => unwrapRtx(packet, 102, ssrc)),
    ];
    const bySequenceNumber = new Map(arrived.map((packet) => [packet.header.sequenceNumber, packet]));
    const inOrder = media.flatMap(({ header }) => bySequenceNumber.get(header.sequenceNumber) ?? []);
    expect(decode(depacketizeH264(payloadsOf(inOrder)), 'h264')).toEqual(decode(joined(units), 'h264'));
  });

  it('is decoded by a slow viewer as far as it comes, while others get every frame', () => {
    const units = encodeVideo(h264);
    const [slow, quick] = [bench.watch(), bench.watch({ ssrc: 7 })];
    slow.pacer.setTarget(250);
    quick.pacer.setTarget(3_000);
    play(bench.hub, units);
    vi.advanceTimersByTime(1_000);
    const all = decode(joined(units), 'h264');
    expect(received(quick.transport)).toEqual(all);
    const seen = received(slow.transport);
    expect(seen.length).toBe(slow.sender.stats.framesSent);
    expect(seen.length).toBeLessThan(frames);
    expect(seen.every((frame) => all.includes(frame))).toBe(true);
  });

  it('is decoded in the mode keyframes-only', () => {
    const units = encodeVideo(h264);
    const { sender, transport } = bench.watch();
    sender.setMode('keyframes-only');
    play(bench.hub, units);
    const keyframes = decode(joined(units), 'h264').filter((_, i) => i % gopFrames === 0);
    expect(received(transport)).toEqual(keyframes);
  });
});

it('Opus of ffmpeg comes out as it went in, 20 ms a packet', () => {
  const units = encode('sine=frequency=440:sample_rate=48000:duration=1', '-c:a libopus -b:a 48k -frame_duration 20');
  const packetizer = new OpusPacketizer();
  expect(units.length).toBeGreaterThanOrEqual(50);
  for (const unit of units) {
    const frame = packetizer.packetize(unit);
    expect(frame?.durationTicks).toBe(960);
    const { payload } = RtpPacket.deSerialize(frame?.packets[0] ?? Buffer.alloc(0));
    expect(OpusRtpPayload.deSerialize(payload).payload).toEqual(unit.data);
  }
});
