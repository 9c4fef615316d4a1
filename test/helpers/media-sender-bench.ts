import { vi } from 'vitest';
import type { SentPacket } from '../../agent/media/congestion/transport-history.ts';
import { H264Packetizer } from '../../agent/media/h264-packetizer.ts';
import { Pacer } from '../../agent/media/pacer.ts';
import { RenditionHub } from '../../agent/media/rendition-hub.ts';
import { TransportSequence } from '../../agent/media/transport-sequence.ts';
import { VideoSender, type VideoSenderOptions } from '../../agent/media/video-sender.ts';
import { FakePacketTransport } from '../fakes/fake-packet-transport.ts';
import { deltaFrame, keyframe, processClock } from './media-units.ts';

export const ssrc = 0xcafe0001;
export const otherSsrc = 0xcafe0002;
export const rtxLine = { ssrc: 0xcafe00f1, payloadType: 103 };

/** Hubs and viewers on the clock that `vi.useFakeTimers()` has taken over. */
export class SenderBench {
  readonly onKeyframeNeeded = vi.fn();
  readonly hub = this.buildHub();
  private readonly closers: (() => void)[] = [];

  buildHub(onKeyframeNeeded: () => void = this.onKeyframeNeeded): RenditionHub {
    return new RenditionHub({
      packetizer: new H264Packetizer(),
      clock: processClock,
      onKeyframeNeeded,
      onSubscriberError: (error) => {
        throw error;
      },
    });
  }

  /** A viewer of the hub, which is open. */
  watch(options: Partial<Omit<VideoSenderOptions, 'transport'>> & { transport?: FakePacketTransport } = {}) {
    const transport = options.transport ?? new FakePacketTransport();
    const sent: SentPacket[] = [];
    const onPicturesDropped = vi.fn();
    const pacer =
      options.pacer ??
      new Pacer({ clock: processClock, onSent: (packet) => void sent.push({ ...packet }), onPicturesDropped });
    const line = { hub: this.hub, ssrc, payloadType: 102, cname: 'porthole', clock: processClock };
    const transportSequence = new TransportSequence();
    const sender = new VideoSender({ ...line, transportSequence, ...options, transport, pacer });
    this.closers.push(
      () => sender.close(),
      () => pacer.close(),
    );
    sender.open();
    return { sender, transport, pacer, sent, onPicturesDropped };
  }

  /** Lets a hub have pictures, 33 ms apart. */
  play(frames: number, { hub = this.hub, keyframeAt = 0 }: { hub?: RenditionHub; keyframeAt?: number } = {}): void {
    for (let i = 0; i < frames; i += 1) {
      hub.handleAccessUnit(i === keyframeAt ? keyframe() : deltaFrame());
      vi.advanceTimersByTime(33);
    }
  }

  close(): void {
    for (const close of this.closers.splice(0)) close();
    this.hub.close();
  }
}

export const sequenceNumbers = (transport: FakePacketTransport) =>
  transport.rtp.map((packet) => packet.header.sequenceNumber);

export const twccNumbers = (transport: FakePacketTransport) =>
  transport.rtp.map((packet) => packet.header.extensions[0]?.payload.readUInt16BE());

/** Modulo 65536. */
export const areConsecutive = (numbers: number[]) =>
  numbers.every((n, i) => i === 0 || n === ((numbers[i - 1]! + 1) & 0xffff));

/** The timestamps of the pictures, in order. */
export const pictureTimestamps = (transport: FakePacketTransport) =>
  transport.rtp.filter((packet) => packet.header.marker).map((packet) => packet.header.timestamp);
