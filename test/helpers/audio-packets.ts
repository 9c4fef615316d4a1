import { Buffer } from 'node:buffer';
import { RtpHeader, RtpPacket } from 'werift-rtp';
import { type NutPacket, NutReader } from '../../agent/ffmpeg/nut-reader.ts';
import { runTool } from './ffmpeg.ts';

/** The Opus packets of a tone as a browser would send it: 20 ms each. */
export async function encodeTone(options: { frequencyHz: number; durationMs: number }): Promise<Buffer[]> {
  const { frequencyHz, durationMs } = options;
  const source = `sine=frequency=${frequencyHz}:sample_rate=48000:duration=${durationMs / 1000},volume=4`;
  const opus = ['-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-application', 'voip'];
  const bytes = await runTool('ffmpeg', ['-f', 'lavfi', '-i', source, ...opus, '-f', 'nut', 'pipe:1']);
  const packets: NutPacket[] = [];
  new NutReader((packet) => packets.push(packet)).push(bytes);
  return packets.map(({ data }) => data);
}

/** Opus packets in RTP, made by an implementation that is not ours. */
export function toRtp(payloads: readonly Buffer[], options: { firstNumber?: number; ssrc?: number } = {}): Buffer[] {
  const { firstNumber = 65_530, ssrc = 0x1234_5678 } = options;
  return payloads.map((payload, index) => {
    const header = new RtpHeader({
      payloadType: 111,
      sequenceNumber: (firstNumber + index) & 0xffff,
      timestamp: (0xffff_f000 + 960 * index) >>> 0,
      ssrc,
      marker: index === 0,
      extension: true,
      extensionProfile: 0xbede,
      extensions: [{ id: 1, payload: Buffer.of(0x80) }],
    });
    return new RtpPacket(header, payload).serialize();
  });
}
