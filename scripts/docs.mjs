// Writes what is made from the sources: the configuration reference, its JSON Schema, the example file. `npm run docs`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const bundled = join(process.cwd(), '.cache/docs/generated-files.js');
const bundle = await rolldown({
  input: 'scripts/docs/generated-files.ts',
  platform: 'node',
  external: [/^node:/, /^[^./]/],
});
await bundle.write({ file: bundled, format: 'esm' });
await bundle.close();
const { buildGeneratedFiles } = await import(pathToFileURL(bundled).href);
const files = buildGeneratedFiles();
for (const [path, text] of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
rmSync(dirname(bundled), { recursive: true });
const formatted = [...files.keys()].filter((path) => path.endsWith('.json'));
execFileSync('node_modules/.bin/biome', ['format', '--write', ...formatted], { stdio: 'ignore' });
