import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../../../packaging/systemd/is-configured', import.meta.url));
const example = fileURLToPath(new URL('../../../packaging/porthole.example.yaml', import.meta.url));

function ask(file: string, env: Record<string, string> = {}): { code: number | null; said: string } {
  const { status, stderr } = spawnSync('sh', [script, file], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { code: status, said: stderr };
}

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-configured-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'porthole.yaml');
  await writeFile(file, text);
  return file;
}

describe('is-configured', () => {
  it.each([
    ['a setting', 'broker:\n  url: mqtt://b\n'],
    ['a list', 'cameras:\n  - source: test\n'],
    ['flow style', 'broker: {url: "mqtt://b"}\n'],
    ['compact JSON', '{"broker":{"url":"mqtt://b"}}'],
    ['a last line without an end', '# Hello\nname: Cam'],
    ['a switch that is off', 'ice:\n  lanOnly: false\n'],
    ['what is no configuration, which the agent has to tell', 'broker:{url:mqtt://b}\n'],
  ])('sees that somebody has set something: %s', async (_, text) => {
    expect(ask(await fileWith(text))).toEqual({ code: 0, said: '' });
  });

  it.each([
    ['nothing', ''],
    ['headings and comments', 'broker:\n  # url: mqtt://b\ntalk:   # later\n\n\t\n'],
  ])('sees nothing in %s, and says what to do', async (_, text) => {
    expect(ask(await fileWith(text))).toEqual({ code: 1, said: expect.stringContaining('sudo porthole setup') });
  });

  it('sees nothing in the example file, and in none', async () => {
    expect(ask(example)).toMatchObject({ code: 1 });
    expect(ask('/nowhere/porthole.yaml')).toMatchObject({ code: 1 });
  });

  it('takes a setting in the environment for one, and an empty one for none', () => {
    expect(ask(example, { PORTHOLE_BROKER_URL: 'mqtt://broker' })).toEqual({ code: 0, said: '' });
    expect(ask(example, { PORTHOLE_NAME: '' })).toMatchObject({ code: 1 });
  });

  it('leaves it to the agent to tell of a file that cannot be read', () => {
    // A folder cannot be read as a file, not even by root.
    expect(ask('/tmp')).toMatchObject({ code: 0 });
  });
});
