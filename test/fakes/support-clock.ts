/** Both clocks of a device, moved by hand and apart from one another. */
export class FakeClock {
  monotonicMs = 1_000;
  wallMs = Date.UTC(2026, 0, 1);

  nowMs(): number {
    return this.monotonicMs;
  }

  wallClockMs(): number {
    return this.wallMs;
  }

  advance(ms: number): void {
    this.monotonicMs += ms;
    this.wallMs += ms;
  }
}
