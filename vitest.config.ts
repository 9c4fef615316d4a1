import { defineConfig } from 'vitest/config';
import { SecondAttempts } from './scripts/second-attempts.ts';

/** Where `scripts/test` wants the result, to count it. */
const report = process.env.PORTHOLE_TEST_REPORT;

// Unit tests run in parallel and know no clock but their own; the others share two cores with ffmpeg and Chromium, so their
// files run one after another.
export default defineConfig({
  test: {
    reporters: [
      'default',
      new SecondAttempts(),
      ...(report ? [['json', { outputFile: report }] as ['json', { outputFile: string }]] : []),
    ],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
