import { describe, expect, it } from 'vitest';
import { ReportBasedControl } from '../../../../../agent/media/congestion/report-based-control.ts';

const buildControl = () => new ReportBasedControl({ startKbps: 1000, minKbps: 50, maxKbps: 4000 });

describe('ReportBasedControl', () => {
  it('takes what several lines report at the same moment for one loss', () => {
    const control = buildControl();
    for (let line = 0; line < 4; line += 1) control.handleReport(0.2, 1_000 + line);
    expect(control.kbps).toBeCloseTo(900);
    control.handleReport(0.2, 2_000);
    expect(control.kbps).toBeCloseTo(810);
  });

  it('decreases for the line that loses, even when another line reported no loss just before', () => {
    const control = buildControl();
    control.handleReport(0, 1_000);
    expect(control.handleReport(0.2, 1_001)).toBe('decrease');
  });

  it('grows at most about once a second, however many reports come', () => {
    const control = buildControl();
    for (let atMs = 1_000; atMs < 1_900; atMs += 100) control.handleReport(0, atMs);
    expect(control.kbps).toBeCloseTo(1_050);
  });
});
