import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadCommands } from '../../cli/command-list.ts';
import { architectures } from './architecture.ts';
import { buildDeb } from './build-deb.ts';
import { buildTexts } from './build-texts.ts';
import { bundleCommand } from './bundle-command.ts';
import { fetchNative } from './fetch-native.ts';

const outputDir = 'dist-packages';
const workDir = '.cache/package';

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--texts')) {
    for (const [path, text] of buildTexts(await loadCommands())) writeFileSync(path, text);
    return;
  }
  const wanted = architectures.filter(({ debian }) => args.length === 0 || args.includes(debian));
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const bundleDir = `${workDir}/bundle`;
  const { packages } = await bundleCommand(bundleDir);
  mkdirSync(outputDir, { recursive: true });
  for (const architecture of wanted) {
    const nativeDir = `${workDir}/native-${architecture.debian}`;
    fetchNative({ packageName: architecture.nativePackage, targetDir: nativeDir });
    const path = buildDeb({
      architecture,
      version,
      bundleDir,
      nativeDir,
      packages,
      stagingDir: `${workDir}/${architecture.debian}`,
      outputDir,
      epochSeconds: sourceDateEpoch(),
    });
    console.log(path);
  }
}

/** Time that all files of the package carry, so that the same source makes the same bytes: that of the last commit. */
function sourceDateEpoch(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  return Number(given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }));
}

await main(process.argv.slice(2));
