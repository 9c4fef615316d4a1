import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SetupAnswers } from '../../../../cli/setup/setup-answers.ts';
import { writeSetup } from '../../../../cli/setup/write-setup.ts';

const answers: SetupAnswers = {
  name: 'Shed',
  brokerUrl: 'mqtts://b.example',
  username: 'me',
  pageUrl: 'https://b.example/',
  linksBrokerUrl: 'wss://b.example/mqtt',
  camera: '/dev/video2',
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-setup-'));
});
afterEach(() => rm(folder, { recursive: true }));

function write(file: string, changed: Partial<SetupAnswers> = {}) {
  return writeSetup({ file, answers: { ...answers, ...changed }, schemaFile: '/s.json', isRoot: false });
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('writeSetup', () => {
  it('makes the file and its folder, and a file for the password alone', async () => {
    const file = join(folder, 'new/porthole.yaml');
    expect(await write(file, { password: 'pass: word' })).toEqual({
      passwordFile: join(folder, 'new/broker-password'),
      caFile: null,
    });
    const text = await readFile(file, 'utf8');
    expect(text).toBe(
      [
        '# yaml-language-server: $schema=/s.json',
        '# Configuration of the Porthole agent, begun by "porthole setup".',
        '',
        'name: Shed',
        'broker:',
        '  url: mqtts://b.example',
        '  username: me',
        'links:',
        '  pageUrl: https://b.example/',
        '  brokerUrl: wss://b.example/mqtt',
        'cameras:',
        '  - source: /dev/video2',
        '',
      ].join('\n'),
    );
    expect(await readFile(join(folder, 'new/broker-password'), 'utf8')).toBe('pass: word\n');
    expect(await modeOf(file)).toBe(0o640);
    expect(await modeOf(join(folder, 'new/broker-password'))).toBe(0o600);
    expect((await readdir(join(folder, 'new'))).sort()).toEqual(['broker-password', 'porthole.yaml']);
  });

  it('keeps comments and other settings, and takes a password out of the configuration', async () => {
    const file = join(folder, 'porthole.yaml');
    await writeFile(file, '# mine\nbroker:\n  password: old\n  # ours\n  caFile: /ca.pem\nlimits:\n  sessions: 3\n');
    await writeSetup({
      file,
      answers: { ...answers, password: 'new', caFile: '/ca.pem' },
      currentCaFile: '/ca.pem',
      schemaFile: null,
      isRoot: false,
    });
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^# mine\nbroker:\n/);
    expect(text).toContain('  # ours\n  caFile: /ca.pem\n');
    expect(text).toContain('sessions: 3');
    expect(text).not.toContain('password');
  });

  it('leaves a password alone that nobody gave anew', async () => {
    const file = join(folder, 'porthole.yaml');
    await writeFile(file, 'broker:\n  password: old\n');
    expect(await write(file)).toEqual({ passwordFile: null, caFile: null });
    expect(await readFile(file, 'utf8')).toContain('password: old');
  });

  it('copies the certificate of an authority to where a service can read it', async () => {
    const [file, caFile] = [join(folder, 'new/porthole.yaml'), join(folder, 'new/broker-ca.pem')];
    await writeFile(join(folder, 'mine.pem'), 'PEM');
    expect(await write(file, { caFile: join(folder, 'mine.pem') })).toEqual({ passwordFile: null, caFile });
    expect(await readFile(caFile, 'utf8')).toBe('PEM');
    expect(await modeOf(caFile)).toBe(0o644);
    expect(await readFile(file, 'utf8')).toContain(`  caFile: ${caFile}\n`);
    await expect(write(file, { caFile: join(folder, 'none.pem') })).rejects.toThrow(
      /none\.pem cannot be read \(ENOENT\)/,
    );
  });

  it('removes the authority that somebody does without', async () => {
    const file = join(folder, 'porthole.yaml');
    await writeFile(file, 'broker:\n  caFile: /ca.pem\n');
    expect(await write(file)).toEqual({ passwordFile: null, caFile: null });
    expect(await readFile(file, 'utf8')).not.toContain('caFile');
  });

  it('writes nothing over a file that it does not understand', async () => {
    const file = join(folder, 'porthole.yaml');
    await writeFile(file, 'a: [');
    await expect(write(file)).rejects.toThrow(/not valid YAML/);
    expect(await readFile(file, 'utf8')).toBe('a: [');
  });

  it('says what it cannot read, and what it cannot write', async () => {
    const file = join(folder, 'porthole.yaml');
    await expect(write(folder)).rejects.toThrow(/cannot be read \(EISDIR\)/);
    await mkdir(join(folder, 'broker-password/full'), { recursive: true });
    await expect(write(file, { password: 'x' })).rejects.toThrow(/cannot be written \(EISDIR\)/);
    expect(await readdir(folder)).toEqual(['broker-password']);
  });

  it.runIf(process.getuid?.() === 0)(
    'gives a new file of the machine to the group of the service, and leaves an old one to its owner',
    async () => {
      const groupFile = join(folder, 'group');
      await writeFile(groupFile, 'root:x:0:\nporthole:x:4711:\n');
      const file = join(folder, 'porthole.yaml');
      const options = { file, answers, schemaFile: null, isRoot: true, groupFile };
      await writeSetup(options);
      expect(await stat(file)).toMatchObject({ uid: 0, gid: 4711 });
      await chown(file, 12, 13);
      await writeSetup(options);
      expect(await stat(file)).toMatchObject({ uid: 12, gid: 13 });
    },
  );
});
