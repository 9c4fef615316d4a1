import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * Bundles the command with the packages that it needs: a few files load in half of the processor time of some hundred. What is
 * native stays outside. The text is not made smaller, which would save no time, and cost the reader of a stack trace some.
 *
 * @returns the folders of the packages that went into it, for their licences
 */
export async function bundleCommand(targetDir: string): Promise<{ packages: readonly string[] }> {
  rmSync(targetDir, { recursive: true, force: true });
  const bundle = await rolldown({
    input: { cli: 'cli/main.ts' },
    platform: 'node',
    external: [/^node:/, /^@node-datachannel\//],
    // fluent-ffmpeg is CommonJS, and knows its folder by this name.
    transform: { define: { __dirname: 'import.meta.dirname' } },
  });
  const { output } = await bundle.write({
    dir: targetDir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
  });
  for (const name of ['page', 'systemd']) cpSync(`dist/${name}`, join(targetDir, name), { recursive: true });
  writeFileSync(join(targetDir, 'package.json'), `${JSON.stringify({ name: 'porthole', type: 'module' })}\n`);
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  return { packages: [...new Set(modules.flatMap((id) => packageFolder(id) ?? []))].sort() };
}

/** `node_modules/@noble/hashes` of a module in it; null for one of ours. */
function packageFolder(moduleId: string): string | null {
  return /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(moduleId)?.[0] ?? null;
}
