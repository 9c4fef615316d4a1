import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpusPacketizer } from '../../../../agent/media/opus-packetizer.ts';
import { RenditionHub } from '../../../../agent/media/rendition-hub.ts';
import type { AudioFeed } from '../../../../agent/session/camera-feed.ts';
import { SessionMedia } from '../../../../agent/session/session-media.ts';
import { systemClock } from '../../../../agent/system/clock.ts';
import { FakeCameraFeed } from '../../../fakes/fake-camera-feed.ts';
import { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { areConsecutive, sequenceNumbers } from '../../../helpers/media-sender-bench.ts';
import { opusUnit } from '../../../helpers/media-units.ts';

/** Sound that comes whether somebody holds it or not, and counts who does. */
class FakeAudioFeed implements AudioFeed {
  readonly bitrateKbps = 48;
  holdCount = 0;
  readonly hub = new RenditionHub({
    packetizer: new OpusPacketizer(),
    clock: systemClock,
    onKeyframeNeeded: () => {},
    onSubscriberError: (error) => {
      throw error;
    },
  });

  acquire(): { release(): void } {
    this.holdCount += 1;
    return {
      release: () => {
        this.holdCount -= 1;
      },
    };
  }

  play(frames: number): void {
    for (let frame = 0; frame < frames; frame += 1) {
      this.hub.handleAccessUnit(opusUnit());
      vi.advanceTimersByTime(20);
    }
  }
}

let audio: FakeAudioFeed;
let media: SessionMedia;
let camera: FakeCameraFeed;
let sound: FakePacketTransport;
const notify = vi.fn();

function build(withAudio: AudioFeed | null): SessionMedia {
  return new SessionMedia({
    sessionId: 'abcd1234',
    label: 'Kitchen',
    cameras: [camera],
    codec: 'h264',
    audio: withAudio,
    talk: null,
    clock: systemClock,
    random: (lengthBytes) => new Uint8Array(lengthBytes).fill(7),
    notify,
    onPicturesDropped: () => {},
  });
}

/** What the pictures get of the path, as the viewer is told last. */
function shareKbps(): number {
  camera.sendPictures();
  vi.advanceTimersByTime(2_500);
  camera.sendPictures();
  vi.advanceTimersByTime(200);
  return notify.mock.lastCall?.[1].targetKbps;
}

beforeEach(() => {
  vi.useFakeTimers();
  notify.mockClear();
  audio = new FakeAudioFeed();
  camera = new FakeCameraFeed();
  sound = new FakePacketTransport();
  media = build(audio);
  media.open();
  media.attach('v0', new FakePacketTransport());
});
afterEach(() => {
  media.close();
  expect(audio.holdCount).toBe(0);
  expect(audio.hub.stats.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('the path', () => {
  it('is measured by the camera on show: a larger one than the first gets its full size', () => {
    vi.advanceTimersByTime(1_000);
    const large = new FakeCameraFeed('large', { bitrateKbps: 8_000 });
    media.selectCamera(large);
    const [line] = media.lines;
    // 40 Mbit/s (draft-alvestrand-rmcat-remb-03).
    const remb = Buffer.from('8fce0004000000000000000052454d420022625a', 'hex');
    for (let second = 0; second < 20; second += 1) {
      line?.onRtcp(remb);
      large.sendPictures();
      vi.advanceTimersByTime(1_000);
    }
    expect(notify.mock.lastCall?.[1]).toMatchObject({ camera: 'large', rendition: 'top' });
    expect(notify.mock.lastCall?.[1].targetKbps).toBeGreaterThan(8_000);
  });
});

describe('the sound of a session', () => {
  it('is on a line of the offer, but neither captured nor sent until the viewer listens', () => {
    expect(media.description.audio).toEqual({ mid: 'a0', sound: true, talk: false });
    media.attach('a0', sound);
    audio.play(100);
    expect([audio.holdCount, sound.packets.length]).toEqual([0, 0]);
    media.setListening(true);
    audio.play(5);
    expect([audio.holdCount, sound.rtp.length]).toEqual([1, 5]);
  });

  it('is held once, however often the viewer says so, and let go of once', () => {
    media.attach('a0', sound);
    for (const isListening of [false, true, true, false, false]) media.setListening(isListening);
    expect(audio.holdCount).toBe(0);
    media.setListening(true);
    media.setListening(true);
    audio.play(3);
    expect([audio.holdCount, sound.rtp.length]).toEqual([1, 3]);
  });

  it('goes on where it was when the viewer listens again: numbers without a gap, times with one', () => {
    media.attach('a0', sound);
    media.setListening(true);
    audio.play(10);
    media.setListening(false);
    const sent = sound.packets.length;
    audio.play(500);
    expect(sound.packets).toHaveLength(sent);
    media.setListening(true);
    audio.play(10);
    const [before, after] = sound.rtp.slice(9, 11);
    expect(areConsecutive(sequenceNumbers(sound))).toBe(true);
    expect(after?.header.ssrc).toBe(before?.header.ssrc);
    expect(((after?.header.timestamp ?? 0) - (before?.header.timestamp ?? 0)) >>> 0).toBe(501 * 960);
  });

  it('begins with the track when the viewer was quicker', () => {
    media.setListening(true);
    audio.play(2);
    media.attach('a0', sound);
    audio.play(3);
    expect(sound.rtp).toHaveLength(3);
  });

  it('leaves its bitrate to the pictures while nobody hears it', () => {
    media.attach('a0', sound);
    const allKbps = shareKbps();
    media.setListening(true);
    expect(shareKbps()).toBe(allKbps - audio.bitrateKbps);
    media.setListening(false);
    expect(shareKbps()).toBe(allKbps);
  });

  it('takes nothing of what single pictures need, however narrow the path', () => {
    media.attach('a0', sound);
    media.setListening(true);
    const [video] = media.lines;
    // The viewer's own estimate (REMB) of 1 kbit/s.
    video?.onRtcp(Buffer.from('8fce0005000000010000000052454d42010003e800000000', 'hex'));
    vi.advanceTimersByTime(1_000);
    expect(shareKbps()).toBe(50);
  });

  it('cannot be had where the device has none for this viewer', () => {
    const silent = build(null);
    expect(() => silent.setListening(true)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    silent.close();
  });
});
