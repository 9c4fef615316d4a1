import { defineConfig } from 'vitest/config';

// Apart from the other tests: it needs root, qemu and ten minutes. `npm run test:vm` runs it.
export default defineConfig({
  test: {
    name: 'vm',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
