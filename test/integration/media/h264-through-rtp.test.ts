import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import { nalType, nalTypeOf, parameterSetsIn, profileLevelIdOf, splitNalUnits } from '../../../agent/media/h264.ts';
import { H264Packetizer } from '../../../agent/media/h264-packetizer.ts';
import { Pacer } from '../../../agent/media/pacer.ts';
import { RenditionHub } from '../../../agent/media/rendition-hub.ts';
import { TransportSequence } from '../../../agent/media/transport-sequence.ts';
import { VideoSender } from '../../../agent/media/video-sender.ts';
import { FakePacketTransport } from '../../fakes/fake-packet-transport.ts';
import { depacketizeH264 } from '../../helpers/media-depacketize.ts';
import { nackPacket } from '../../helpers/media-rtcp.ts';
import { annexBOf } from '../../helpers/media-units.ts';

const frameCount = 90;
const gopFrames = 30;
const ssrc = 42;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-media-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A clip as libx264 writes it, with a delimiter before each access unit. */
function encode(x264Params: string): AccessUnit[] {
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=30:duration=${frameCount / 30}`];
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'];
  const rate = ['-g', `${gopFrames}`, '-b:v', '2M', '-x264-params', `aud=1:${x264Params}`, '-f', 'h264', 'pipe:1'];
  const clip = execFileSync('ffmpeg', ['-v', 'error', ...input, ...encoder, ...rate], { maxBuffer: 1 << 26 });
  const groups: Buffer[][] = [];
  for (const nal of splitNalUnits(clip)) {
    if (nalTypeOf(nal) === nalType.accessUnitDelimiter) groups.push([]);
    groups.at(-1)?.push(nal);
  }
  return groups.map((nals, i) => {
    const isKeyframe = nals.some((nal) => nalTypeOf(nal) === nalType.idrSlice);
    return { data: annexBOf(nals), ptsTicks90k: i * 3000, isKeyframe, capturedAtMs: i * 33.3, arrivedAtMs: i * 33.3 };
  });
}

/** Decodes with every warning an error and returns the checksums of the frames. */
function decode(annexB: Buffer): string[] {
  const file = join(folder, 'received.h264');
  writeFileSync(file, annexB);
  const output = ['-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'];
  const args = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-f', 'h264', '-i', file, ...output];
  const lines = execFileSync('ffmpeg', args, { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n');
  return lines.filter((line) => !line.startsWith('#')).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

const decodeUnits = (units: AccessUnit[]) => decode(Buffer.concat(units.map((unit) => unit.data)));

function withoutParameterSets(unit: AccessUnit): AccessUnit {
  const nals = splitNalUnits(unit.data).filter(
    (nal) => nalTypeOf(nal) !== nalType.sps && nalTypeOf(nal) !== nalType.pps,
  );
  return { ...unit, data: annexBOf(nals) };
}

function buildViewer() {
  const transport = new FakePacketTransport();
  const clock = { nowMs: () => 0, wallClockMs: () => 0 };
  const onSubscriberError = (error: unknown) => {
    throw error;
  };
  const hub = new RenditionHub({
    packetizer: new H264Packetizer(),
    clock,
    onKeyframeNeeded: () => {},
    onSubscriberError,
  });
  const line = { ssrc, payloadType: 102, cname: 'test' };
  const connection = { transport, transportSequence: new TransportSequence(), pacer: new Pacer({ clock }) };
  const sender = new VideoSender({ hub, ...connection, ...line, clock });
  const close = () => {
    sender.close();
    hub.close();
  };
  return { hub, sender, transport, close };
}

const payloadsOf = (transport: FakePacketTransport) => transport.rtp.map((packet) => packet.payload);

it.each([
  ['one slice per frame', 'repeat-headers=1:sliced-threads=0'],
  ['several slices per frame', 'repeat-headers=1:slices=4'],
  ['small slices', 'repeat-headers=1:slice-max-size=700'],
])('ffmpeg decodes the same frames after RTP: %s', (_name, x264Params) => {
  const units = encode(x264Params);
  const viewer = buildViewer();
  viewer.sender.open();
  for (const unit of units) viewer.hub.handleAccessUnit(unit);
  viewer.close();
  const received = decode(depacketizeH264(payloadsOf(viewer.transport)));
  expect(received).toHaveLength(frameCount);
  expect(received).toEqual(decodeUnits(units));
  expect(Math.max(...viewer.transport.packets.map((packet) => packet.length))).toBeLessThanOrEqual(1200);
});

it('a viewer who joins in the middle decodes from the cached group on, though the headers came only once', () => {
  const complete = encode('repeat-headers=1');
  const units = complete.map((unit, i) => (i === 0 ? unit : withoutParameterSets(unit)));
  const joinAt = gopFrames + 12;
  const viewer = buildViewer();
  for (const unit of units.slice(0, joinAt)) viewer.hub.handleAccessUnit(unit);
  viewer.sender.open();
  for (const unit of units.slice(joinAt)) viewer.hub.handleAccessUnit(unit);
  viewer.close();
  const received = decode(depacketizeH264(payloadsOf(viewer.transport)));
  expect(received).toEqual(decodeUnits(complete).slice(gopFrames));
});

it('lost packets that are asked for again make the stream whole', () => {
  const { hub, sender, transport, close } = buildViewer();
  const units = encode('repeat-headers=1');
  sender.open();
  for (const unit of units) hub.handleAccessUnit(unit);
  const sent = transport.rtp.map((packet) => packet.header.sequenceNumber);
  const lost = sent.filter((_, i) => i % 7 === 0);
  const arrived = transport.rtpBuffers.filter((_, i) => i % 7 !== 0);
  transport.packets.splice(0, transport.packets.length, ...arrived);
  sender.handleRtcp(nackPacket(ssrc, lost));
  close();
  const bySequenceNumber = new Map(transport.rtp.map((packet) => [packet.header.sequenceNumber, packet.payload]));
  expect(sender.stats.packetsResent).toBe(lost.length);
  const payloads = sent.flatMap((sequenceNumber) => bySequenceNumber.get(sequenceNumber) ?? []);
  expect(decode(depacketizeH264(payloads))).toEqual(decodeUnits(units));
});

it('the profile-level-id is what ffmpeg says about the stream', () => {
  const [unit] = encode('level=31:repeat-headers=1');
  const [sps] = parameterSetsIn(unit?.data ?? Buffer.alloc(0)).sps;
  expect(profileLevelIdOf(sps ?? Buffer.alloc(0))).toBe('42c01f'); // constrained baseline, level 3.1
});
