import { defineConfig } from 'vitest/config';

// Apart from the other tests: it needs root, qemu and ten minutes. `npm run test:vm` runs it.
export default defineConfig({
  test: {
    name: 'vm',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    // Where nothing else notices: waiting has bounds of its own.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
