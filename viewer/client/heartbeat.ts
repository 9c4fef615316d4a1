import { measureClock, type Ping, type Pong } from '../../protocol/control-channel.ts';
import { limits } from '../../protocol/limits.ts';
import { SilenceMeter } from '../../protocol/silence-meter.ts';
import { ClockEstimate } from './clock-estimate.ts';

/** Pings the device on the `control` channel and tells when it has been silent for too long. */
export class Heartbeat {
  private readonly send: (text: string) => void;
  private readonly onDead: () => void;
  private readonly nowMs: () => number;
  private timer: ReturnType<typeof setInterval> | null = null;
  private silence: SilenceMeter | null = null;
  private lastRttMs: number | null = null;
  private readonly clock = new ClockEstimate();

  constructor(options: { send(text: string): void; onDead(): void; nowMs?: () => number }) {
    this.send = options.send;
    this.onDead = options.onDead;
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Round trip of the last answered ping, or null before the first. */
  get rttMs(): number | null {
    return this.lastRttMs;
  }

  /** How far the device's clock is ahead of ours, or null before the first answered ping. */
  get clockOffsetMs(): number | null {
    return this.clock.offsetMs;
  }

  start(): void {
    const intervalMs = limits.heartbeatIntervalMs;
    this.silence = new SilenceMeter({ intervalMs, nowMs: this.nowMs });
    this.timer = setInterval(() => this.beat(), intervalMs);
    this.beat();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /**
   * Something of the device has arrived, on whatever channel: on a narrow path a pong may wait behind a picture of many seconds,
   * since all channels share one association (RFC 8831 6.1).
   */
  handleHeard(): void {
    this.silence?.handleHeard();
  }

  handlePong(pong: Pong): void {
    this.handleHeard();
    const measured = measureClock(pong, this.nowMs());
    this.lastRttMs = measured.rttMs;
    this.clock.add(measured);
  }

  private beat(): void {
    if ((this.silence?.measure() ?? 0) >= limits.deadPathMs) {
      this.stop();
      this.onDead();
      return;
    }
    this.send(JSON.stringify({ type: 'ping', sentAtMs: this.nowMs() } satisfies Ping));
  }
}
