import { z } from 'zod';

/**
 * On the `control` channel the viewer pings once a second and the device answers. Both take silence as a dead path, and the
 * four times give the round trip and the offset of the clocks as in NTP (RFC 5905 section 8). Times are milliseconds of the
 * sender's own monotonic or wall clock.
 */
export const pingSchema = z.object({ type: z.literal('ping'), sentAtMs: z.number() });
export type Ping = z.infer<typeof pingSchema>;

export const pongSchema = z.object({
  type: z.literal('pong'),
  /** `sentAtMs` of the ping. */
  pingSentAtMs: z.number(),
  receivedAtMs: z.number(),
  sentAtMs: z.number(),
});
export type Pong = z.infer<typeof pongSchema>;

/** Round trip without the time the device took, and how far the device's clock is ahead of the viewer's. */
export function measureClock(pong: Pong, pongReceivedAtMs: number): { rttMs: number; offsetMs: number } {
  const wholeMs = pongReceivedAtMs - pong.pingSentAtMs;
  const heldMs = pong.sentAtMs - pong.receivedAtMs;
  return {
    rttMs: Math.max(0, wholeMs - heldMs),
    offsetMs: (pong.receivedAtMs - pong.pingSentAtMs + (pong.sentAtMs - pongReceivedAtMs)) / 2,
  };
}
