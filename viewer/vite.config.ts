import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page: relative addresses throughout, so that it works below any path of any static host. */
const page: UserConfig = {
  root: here('.'),
  base: './',
  build: {
    outDir: here('../dist/page'),
    emptyOutDir: true,
    assetsDir: 'assets',
    // Nothing inline: the policy of the page allows scripts and images of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
};

/** The element for other people's pages: one file that needs nothing beside it. */
const library: UserConfig = {
  root: here('.'),
  publicDir: false,
  build: {
    outDir: here('../dist'),
    emptyOutDir: false,
    target: 'es2022',
    lib: { entry: here('ui/porthole-view.ts'), formats: ['es'], fileName: () => 'porthole-view.js' },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
  // The library build leaves these to its consumer, who may have no bundler.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
};

export default defineConfig(({ mode }) => (mode === 'library' ? library : page));
