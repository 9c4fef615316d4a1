import { defineConfig } from 'rolldown';

// Our own code in a few chunks for a fast start; packages stay in node_modules, since one of them is native.
export default defineConfig({
  input: { cli: 'cli/main.ts' },
  platform: 'node',
  external: [/^node:/, /^[^./]/],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
  },
});
