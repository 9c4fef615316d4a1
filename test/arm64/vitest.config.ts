import { defineConfig } from 'vitest/config';

// Apart from the other tests: it needs root, and an arm64 system to be built once. `npm run test:arm64` runs it.
export default defineConfig({
  test: {
    name: 'arm64',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
