import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IncidentReport } from '../../../broker/incident-report.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function buildReport() {
  const warn = vi.fn();
  const silent = () => {};
  return { report: new IncidentReport({ debug: silent, info: silent, error: silent, warn }), warn };
}

test('many incidents are one line a second', () => {
  const { report, warn } = buildReport();
  for (let index = 0; index < 500; index += 1) report.count('dropped');
  report.count('dropped', 5);
  report.count('flood');
  expect(warn).not.toHaveBeenCalled();

  vi.advanceTimersByTime(1_000);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toEqual({ dropped: 505, flood: 1 });

  report.count('dropped');
  vi.advanceTimersByTime(1_000);
  expect(warn.mock.calls[1]?.[0]).toEqual({ dropped: 1 });
  expect(report.total('dropped')).toBe(506);
});

test('closing says what is left, and nothing when nothing is', () => {
  const { report, warn } = buildReport();
  report.close();
  expect(warn).not.toHaveBeenCalled();
  report.count('oversize');
  report.close();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
