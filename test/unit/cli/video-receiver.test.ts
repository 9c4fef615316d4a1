import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type GenericNack,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  type RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  type RtcpTransportLayerFeedback,
  RtpHeader,
  RtpPacket,
} from 'werift-rtp';
import { VideoReceiver } from '../../../cli/headless/video-receiver.ts';

const ssrc = 0xabcd;
const onFrame = vi.fn();
let sent: Buffer[];
let receiver: VideoReceiver;

beforeEach(() => {
  vi.useFakeTimers();
  onFrame.mockClear();
  sent = [];
  receiver = new VideoReceiver({ send: (rtcp) => sent.push(rtcp), onFrame });
});
afterEach(() => {
  receiver.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const idrStart = Buffer.from([0x7c, 0x85, 0xb8, 1]);
const idrMiddle = Buffer.from([0x7c, 0x05, 1, 2]);
const idrEnd = Buffer.from([0x7c, 0x45, 1, 2]);
const slice = Buffer.from([0x41, 0x9a, 1, 2]);

function packet(sequenceNumber: number, timestamp: number, marker: boolean, payload: Buffer): Buffer {
  const header = new RtpHeader({ payloadType: 102, sequenceNumber: sequenceNumber & 0xffff, timestamp, marker, ssrc });
  return new RtpPacket(header, payload).serialize();
}

/** A keyframe of three packets and then frames of one and of two. Starts shortly before the sequence number wraps. */
function stream(from = 65_533): Buffer[] {
  return [
    packet(from, 3_000, false, idrStart),
    packet(from + 1, 3_000, false, idrMiddle),
    packet(from + 2, 3_000, true, idrEnd),
    packet(from + 3, 6_000, true, slice),
    packet(from + 4, 9_000, false, slice),
    packet(from + 5, 9_000, true, slice),
    packet(from + 6, 12_000, true, slice),
  ];
}

function take(packets: (Buffer | undefined)[]): void {
  for (const each of packets) if (each) receiver.handlePacket(each);
}

function nacked(): number[] {
  return sent.flatMap((bytes) =>
    RtcpPacketConverter.deSerialize(bytes).flatMap(
      (rtcp) => ((rtcp as RtcpTransportLayerFeedback).feedback as GenericNack).lost,
    ),
  );
}

describe('VideoReceiver', () => {
  it('counts packets, bytes and whole frames, and tells the first keyframe', () => {
    const packets = stream();
    take(packets);
    expect(receiver.video).toEqual({
      framesReceived: 4,
      keyframesReceived: 1,
      bytesReceived: packets.reduce((bytes, each) => bytes + each.length, 0),
      packetsReceived: 7,
      packetsLost: 0,
    });
    expect(onFrame).toHaveBeenCalledTimes(4);
    expect(sent).toEqual([]);
  });

  it('looks through header extensions and contributing sources', () => {
    const header = new RtpHeader({
      payloadType: 102,
      sequenceNumber: 1,
      timestamp: 1,
      marker: true,
      ssrc,
      csrc: [7, 8],
      csrcLength: 2,
    });
    header.extension = true;
    header.extensionProfile = 0xbede;
    header.extensions = [{ id: 3, payload: Buffer.from([1, 2]) }];
    receiver.handlePacket(new RtpPacket(header, Buffer.from([0x65, 0x88, 1])).serialize());
    expect(receiver.video).toMatchObject({ framesReceived: 1, keyframesReceived: 1 });
  });

  it('takes what is sent again under an SSRC of its own for the packet that it repairs', () => {
    const [a, b, c, ...rest] = stream();
    take([a, c]);
    const original = b ? RtpPacket.deSerialize(b) : null;
    const header = new RtpHeader({ payloadType: 103, sequenceNumber: 40_000, timestamp: 3_000, ssrc: 0xbeef });
    const sequenceNumber = Buffer.from([65_534 >> 8, 65_534 & 0xff]);
    receiver.handlePacket(
      new RtpPacket(header, Buffer.concat([sequenceNumber, original?.payload ?? sequenceNumber])).serialize(),
    );
    take(rest);
    expect(receiver.video).toMatchObject({
      framesReceived: 4,
      keyframesReceived: 1,
      packetsReceived: 6,
      packetsLost: 1,
    });
    expect(nacked()).toEqual([65_534]);
  });

  it('does not depend on the order of packets', () => {
    const [a, b, c, d, e, f, g] = stream();
    take([a, c, b, e, d, g, f]);
    expect(receiver.video).toMatchObject({ framesReceived: 4, packetsLost: 0 });
  });

  it.each([0, 1, 2, 3, 4, 5])('counts no frame that packet %d is missing from', (missing) => {
    const from = 100;
    const [before, ...packets] = [packet(from - 1, 0, true, slice), ...stream(from)];
    take([before, ...packets.filter((_, at) => at !== missing)]);
    // A lost end of a frame also leaves it open where the next one begins.
    const isEnd = [2, 3, 5].includes(missing);
    expect(receiver.video.framesReceived).toBe(isEnd ? 3 : 4);
    expect(receiver.video.packetsLost).toBe(1);
    expect(nacked()).toEqual([from + missing]);
    take([packets[missing]]);
    expect(receiver.video).toMatchObject({ framesReceived: 5, packetsLost: 0 });
  });

  it('counts a packet once in a frame, however often it arrives', () => {
    const packets = stream();
    take(packets.flatMap((each) => [each, each]));
    take(packets);
    expect(receiver.video).toMatchObject({ framesReceived: 4, keyframesReceived: 1, packetsLost: 0 });
  });

  it('asks for all of a gap', () => {
    const [first] = stream(10);
    take([first, packet(50, 90_000, true, slice)]);
    expect(nacked()).toEqual(Array.from({ length: 39 }, (_, at) => 11 + at));
  });

  it('asks for a new picture when the gap is too wide to be filled', () => {
    const [first] = stream(10);
    take([first, packet(500, 90_000, true, slice)]);
    const [feedback] = RtcpPacketConverter.deSerialize(sent[0]!);
    expect(feedback).toBeInstanceOf(RtcpPayloadSpecificFeedback);
    expect(sent).toHaveLength(1);
  });

  it('reports once a second, with the loss since the last report and the time of the sender', async () => {
    receiver.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([]);
    const [a, b, c, d, , f, g] = stream();
    take([a, b, c, d, f, g]);
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: 0x1111_2222_3333_4444n,
      rtpTimestamp: 1,
      packetCount: 1,
      octetCount: 1,
    });
    receiver.handlePacket(new RtcpSrPacket({ ssrc, senderInfo }).serialize());
    sent.length = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    const [report] = RtcpPacketConverter.deSerialize(sent[0]!) as RtcpRrPacket[];
    expect(report?.reports[0]).toMatchObject({
      ssrc,
      fractionLost: Math.floor(256 / 7),
      packetsLost: 1,
      highestSequence: 65_533 + 6,
      lsr: 0x2222_3333,
      dlsr: 65_536,
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['too short', Buffer.alloc(11)],
    ['a header alone', packet(1, 1, true, Buffer.alloc(0))],
    [
      'an extension that is longer than the packet',
      Buffer.from([0x90, 102, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0xff, 0xff]),
    ],
    ['more contributing sources than there are bytes', Buffer.from([0x8f, 102, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])],
    ['a sender report that is cut off', Buffer.from([0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0])],
  ])('survives %s', (_, bytes) => {
    take(stream(100));
    receiver.handlePacket(bytes);
    take([packet(107, 15_000, true, slice)]);
    expect(receiver.video.framesReceived).toBe(5);
  });
});
