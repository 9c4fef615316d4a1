import { z } from 'zod';
import { parseJson } from './json.ts';
import { byeSchema, parseWith } from './messages.ts';

/** Bounded, so that what is reckoned from a lying device's times is a number still. */
const timeMs = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * On the `control` channel the viewer pings once a second and the device answers. Both take silence as a dead path, and the
 * four times give the round trip and the offset of the clocks as in NTP (RFC 5905 section 8). Times are milliseconds of the
 * sender's own monotonic or wall clock.
 */
export const pingSchema = z.object({ type: z.literal('ping'), sentAtMs: timeMs });
export type Ping = z.infer<typeof pingSchema>;

export const pongSchema = z.object({
  type: z.literal('pong'),
  /** `sentAtMs` of the ping. */
  pingSentAtMs: timeMs,
  receivedAtMs: timeMs,
  sentAtMs: timeMs,
  /**
   * What leads from the RTP timestamp of a video line to the time at which the picture was taken, on the clock of `sentAtMs`:
   * `(timestamp - rtpOffset) / 90`, modulo 2^32 ticks. Repeated in each pong, because this channel loses messages.
   */
  lines: z
    .array(z.object({ mid: z.string().max(16), rtpOffset: z.number().int().min(0).max(0xffffffff) }))
    .max(8)
    .optional(),
});
export type Pong = z.infer<typeof pongSchema>;

/** All that is said on the channel. `bye` gives the reason before the path is closed; it travels inside the seal too. */
const controlMessageSchema = z.discriminatedUnion('type', [pingSchema, pongSchema, byeSchema]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;

/** @returns null for anything that is not a message of this channel */
export function parseControlMessage(data: unknown): ControlMessage | null {
  const json = typeof data === 'string' ? parseJson(data, { maxBytes: 1024, maxDepth: 3 }) : null;
  const message = json?.ok ? parseWith(controlMessageSchema, json.value) : null;
  return message?.ok ? message.value : null;
}

/** Round trip without the time the device took, and how far the device's clock is ahead of the viewer's. */
export function measureClock(pong: Pong, pongReceivedAtMs: number): { rttMs: number; offsetMs: number } {
  const wholeMs = pongReceivedAtMs - pong.pingSentAtMs;
  const heldMs = pong.sentAtMs - pong.receivedAtMs;
  return {
    rttMs: Math.max(0, wholeMs - heldMs),
    offsetMs: (pong.receivedAtMs - pong.pingSentAtMs + (pong.sentAtMs - pongReceivedAtMs)) / 2,
  };
}
