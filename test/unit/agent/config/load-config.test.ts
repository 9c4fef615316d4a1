import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatConfigProblem } from '../../../../agent/config/config-problem.ts';
import { type LoadConfigOptions, loadConfig } from '../../../../agent/config/load-config.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

let fileCount = 0;
async function fileWith(text: string): Promise<string> {
  const path = join(folder, `${fileCount++}.yaml`);
  await writeFile(path, text);
  return path;
}

function load(options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({ env: { HOME: '/home/pi' }, flags: {}, defaultFile: join(folder, 'absent.yaml'), ...options });
}

async function problemsOf(options: Partial<LoadConfigOptions>): Promise<string[]> {
  const loaded = await load(options);
  if (loaded.ok) throw new Error('expected problems');
  return loaded.error.map(formatConfigProblem);
}

async function configOf(options: Partial<LoadConfigOptions>) {
  const loaded = await load(options);
  if (!loaded.ok) throw new Error(loaded.error.map(formatConfigProblem).join('\n'));
  return loaded.value;
}

describe('loadConfig', () => {
  it('needs no file at all', async () => {
    const config = await configOf({});
    expect(config).toMatchObject({
      stateDir: '/home/pi/.local/state/porthole',
      runtimeDir: '/home/pi/.local/state/porthole/run',
      broker: { url: 'mqtt://127.0.0.1:1883', topicPrefix: 'porthole' },
      cameras: [],
      audio: { bitrateKbps: 48, channels: 1 },
      talk: {},
      ffmpeg: { encoder: 'auto' },
      ice: { lanOnly: false },
      limits: { sessions: 8 },
    });
    expect(config.name).not.toBe('');
  });

  it('prefers the folders of systemd, then those of XDG', async () => {
    const systemd = { STATE_DIRECTORY: '/var/lib/porthole:/var/lib/other', RUNTIME_DIRECTORY: '/run/porthole' };
    expect(await configOf({ env: { ...systemd, XDG_STATE_HOME: '/x' } })).toMatchObject({
      stateDir: '/var/lib/porthole',
      runtimeDir: '/run/porthole',
    });
    expect((await configOf({ env: { XDG_STATE_HOME: '/x' } })).stateDir).toBe('/x/porthole');
  });

  it('keeps what can be found out again in the cache folder of systemd, of XDG, or of the user', async () => {
    const env = { HOME: '/home/pi', XDG_CACHE_HOME: '/x', CACHE_DIRECTORY: '/var/cache/porthole' };
    expect((await configOf({ env })).cacheDir).toBe('/var/cache/porthole');
    expect((await configOf({ env: { ...env, CACHE_DIRECTORY: undefined } })).cacheDir).toBe('/x/porthole');
    expect((await configOf({})).cacheDir).toBe('/home/pi/.cache/porthole');
    expect((await configOf({ flags: { cacheDir: '/data/cache' } })).cacheDir).toBe('/data/cache');
  });

  it('keeps the sockets below a state folder that was moved', async () => {
    const config = await configOf({ flags: { stateDir: '/data/state' } });
    expect(config.runtimeDir).toBe('/data/state/run');
  });

  it('lets the command line win over the environment, and that over the file', async () => {
    const file = await fileWith('name: file\nbroker:\n  url: mqtt://file:1\n  username: file\n  topicPrefix: file\n');
    const env = { PORTHOLE_BROKER_URL: 'mqtt://env:1', PORTHOLE_BROKER_USERNAME: 'env' };
    const config = await configOf({ file, env, flags: { broker: { url: 'mqtt://flag:1', username: undefined } } });
    expect(config.name).toBe('file');
    expect(config.broker).toMatchObject({ url: 'mqtt://flag:1', username: 'env', topicPrefix: 'file' });
  });

  it('finds the file through PORTHOLE_CONFIG, and the default file where there is one', async () => {
    expect((await configOf({ env: { PORTHOLE_CONFIG: await fileWith('name: named') } })).name).toBe('named');
    expect((await configOf({ defaultFile: await fileWith('name: installed') })).name).toBe('installed');
  });

  it('gives cameras an id and a name', async () => {
    const file = await fileWith(
      'cameras:\n  - source: test\n  - {source: /dev/video0, id: door, name: Front door, fps: 15}',
    );
    const { cameras } = await configOf({ file });
    expect(cameras[0]).toMatchObject({ id: 'cam0', name: 'cam0', source: 'test', widthMax: 1280, lingerMs: 10_000 });
    expect(cameras[1]).toMatchObject({ id: 'door', name: 'Front door', fps: 15 });
  });

  it('reads numbers, flags and lists from the environment', async () => {
    const config = await configOf({
      env: {
        PORTHOLE_LIMITS_SESSIONS: '3',
        PORTHOLE_ICE_LAN_ONLY: 'true',
        PORTHOLE_ICE_STUN: 'stun:a.example:3478, stun:b.example:3478',
        PORTHOLE_ICE_PORT_RANGE: '50000,50010',
        PORTHOLE_CAMERAS: '[{source: test, fps: 10}]',
        PORTHOLE_NAME: '42',
        PORTHOLE_TEST_FFMPEG: '/elsewhere',
        PORTHOLE_BROKER_USERNAME: '',
      },
    });
    expect(config.limits.sessions).toBe(3);
    expect(config.ice).toMatchObject({
      lanOnly: true,
      stun: ['stun:a.example:3478', 'stun:b.example:3478'],
      portRange: [50_000, 50_010],
    });
    expect(config.cameras[0]).toMatchObject({ source: 'test', fps: 10 });
    expect(config.name).toBe('42');
    expect(config.broker.username).toBeUndefined();
  });

  it('reports every problem at once with its path and the place it came from', async () => {
    const file = await fileWith(
      'name: ""\ncameras:\n  - source: test\n    fps: fast\nbroker:\n  adress: x\ncolour: red\n',
    );
    const env = { PORTHOLE_BROKER_URL: 'http://broker', PORTHOLE_BROKR_URL: 'x', PORTHOLE_LIMITS_SESSIONS: 'many' };
    const problems = await problemsOf({ file, env, flags: { ffmpeg: { encoder: 'gpu' } } });
    expect(problems).toHaveLength(8);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/\.yaml:1:1: name: /),
        expect.stringMatching(/\.yaml:4:5: cameras\[0\]\.fps: /),
        expect.stringMatching(/\.yaml:6:3: broker\.adress: there is no such setting/),
        expect.stringMatching(/\.yaml:7:1: colour: there is no such setting/),
        'PORTHOLE_BROKR_URL: there is no such setting; did you mean PORTHOLE_BROKER_URL?',
        expect.stringMatching(/^PORTHOLE_BROKER_URL: broker\.url: must be an address that begins with mqtt:/),
        expect.stringMatching(/^PORTHOLE_LIMITS_SESSIONS: limits\.sessions: /),
        expect.stringMatching(/^command line: ffmpeg\.encoder: /),
      ]),
    );
  });

  it('says what a source or a sink must be, where it is written, before anything is started', async () => {
    const file = await fileWith(
      [
        'cameras:',
        '  - source: webcam',
        '  - source: /dev/vidoe0',
        '  - {source: test, passthrough: true}',
        '  - source: ""',
        'audio: {source: default}',
        'talk:',
        '  sink: speaker',
        '',
      ].join('\n'),
    );
    expect((await problemsOf({ file })).map((problem) => problem.replace(`${file}:`, ''))).toEqual([
      '2:5: cameras[0].source: must be test, file:PATH, /dev/videoN, rpicam or rtsp://ADDRESS',
      '3:5: cameras[1].source: must be a video device: /dev/videoN, or a link in /dev/v4l/by-id or by-path',
      '4:20: cameras[2].passthrough: needs a source that is H.264, which the test pattern is not',
      '5:5: cameras[3].source: must not be empty',
      '6:9: audio.source: must be test, alsa:DEVICE, pulse:NAME or rtsp://ADDRESS',
      '8:3: talk.sink: must be alsa:DEVICE, pulse:NAME or file:PATH',
    ]);
  });

  it.each([
    [
      'two cameras with one id',
      {
        cameras: [
          { source: 'test', id: 'a' },
          { source: 'test', id: 'a' },
        ],
      },
      /same id/,
    ],
    ['nine cameras', { cameras: Array(9).fill({ source: 'test' }) }, /cameras/],
    ['a password beside a password file', { broker: { password: 'x', passwordFile: '/x' } }, /beside broker\.password/],
    ['a password without a user name', { broker: { password: 'x' } }, /broker\.username: is missing/],
    ['credentials in an address', { broker: { url: 'mqtt://me:secret@host' } }, /must not hold a user name/],
    ['a password alone in an address', { broker: { url: 'mqtt://:secret@host' } }, /must not hold a user name/],
    ['credentials in the address of the page', { links: { pageUrl: 'https://me:secret@host' } }, /must not hold/],
    ['a port range the wrong way round', { ice: { portRange: [2000, 1000] } }, /lower port/],
    [
      'announced ports without a range',
      { ice: { announce: { address: '1.2.3.4', ports: { from: 1 } } } },
      /ice\.portRange/,
    ],
    ['a host name to announce', { ice: { announce: { address: 'host.example' } } }, /IP address/],
    [
      'announced ports beyond the last',
      { ice: { portRange: [1000, 1010], announce: { address: '1.2.3.4', ports: { from: 65_530 } } } },
      /65535/,
    ],
    ['a topic prefix with a wildcard', { broker: { topicPrefix: 'a/+' } }, /topic levels/],
    [
      'a key that would reach a prototype',
      JSON.parse('{"__proto__": {"polluted": true}}'),
      /__proto__: there is no such/,
    ],
  ])('refuses %s', async (_name, flags, sentence) => {
    const problems = await problemsOf({ flags });
    expect(problems.join('\n')).toMatch(sentence);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('says in plain words what a setting must be, once for each', async () => {
    const file = await fileWith(
      [
        'ice:',
        '  stun: "stun:stun.example:3478"',
        '  lanOnly: yes',
        '  portRange: "5000-5010"',
        '  turn: {urls: []}',
        'limits: {sessions: "3"}',
        'log: {level: loud}',
        'cameras:',
        '  - {fps: 1.5, widthMax: 1, name: ""}',
        '  - test',
        'name: 12',
        `broker: {username: ${'x'.repeat(300)}}`,
        'links: elsewhere',
        '',
      ].join('\n'),
    );
    expect((await problemsOf({ file })).map((problem) => problem.replace(/^.*?: /, '')).sort()).toEqual([
      'broker.username: must have at most 256 characters',
      'cameras[0].fps: must be a whole number',
      'cameras[0].name: must not be empty',
      'cameras[0].source: is missing',
      'cameras[0].widthMax: must be at least 64',
      'cameras[1]: must hold settings of the form "key: value"',
      'ice.lanOnly: must be true or false',
      'ice.portRange: must be a list of two numbers, as [50000, 50100]',
      'ice.stun: must be a list, as [A, B]',
      'ice.turn.urls: must be a list of at least 1',
      'limits.sessions: must be a number',
      'links: must hold settings of the form "key: value"',
      'log.level: must be one of debug, info, warn, error, silent',
      'name: must be text, in quotes',
    ]);
  });

  it('never repeats a value, which may be a secret', async () => {
    const flags = {
      broker: { url: 'mqtt://me:hunter2@host', password: 'hunter2'.repeat(100) },
      log: { level: 'hunter2' },
      cameras: [{ source: 'rtsp:/me:hunter2@cam' }],
      audio: { source: 'alsa:/me:hunter2@host' },
    };
    expect((await problemsOf({ flags })).join('\n')).not.toContain('hunter2');
  });

  it('names a file that is missing, a folder, too large or not YAML', async () => {
    expect(await problemsOf({ file: '/nowhere/x.yaml' })).toEqual(['/nowhere/x.yaml: there is no such file']);
    expect((await problemsOf({ env: { PORTHOLE_CONFIG: '/nowhere/y.yaml' } }))[0]).toContain('no such file');
    expect((await problemsOf({ file: folder }))[0]).toContain('is a folder');
    expect((await problemsOf({ file: await fileWith('#'.repeat(300_000)) }))[0]).toContain('larger');
    expect((await problemsOf({ file: await fileWith('name: x\nbroker: [\n') }))[0]).toMatch(
      /yaml:\d+:\d+: is not valid YAML/,
    );
    expect((await problemsOf({ file: await fileWith('name: x\nname: y\n') }))[0]).toMatch(
      /yaml:2:1: is not valid YAML/,
    );
    expect((await problemsOf({ file: await fileWith('- a\n- b\n') }))[0]).toContain('must hold settings');
    expect((await problemsOf({ file: await fileWith('name: *nothing\n') }))[0]).toMatch(/yaml/);
  });

  it('takes an empty file as one that says nothing', async () => {
    expect((await load({ file: await fileWith('') })).ok).toBe(true);
    expect((await load({ file: await fileWith('# only a comment\n') })).ok).toBe(true);
  });

  it('refuses a certificate of the broker that cannot be read or is none', async () => {
    const [first, second] = rootCertificates;
    const bundle = await fileWith(`# two of them\n${first}\n${second}\n`);
    expect((await configOf({ flags: { broker: { caFile: bundle } } })).broker.caFile).toBe(bundle);
    const file = await fileWith('name: x\nbroker:\n  caFile: /nowhere/ca.pem\n');
    expect(await problemsOf({ file })).toEqual([`${file}:3:3: broker.caFile: /nowhere/ca.pem cannot be read (ENOENT)`]);
    expect((await load({ file, hasOwnAuthorityCheck: true })).ok).toBe(true);
    const damaged = `${first}\n${second?.replace(/M/g, '')}`;
    for (const text of ['', 'DER', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', damaged]) {
      const caFile = await fileWith(text);
      expect(await problemsOf({ flags: { broker: { caFile } } })).toEqual([
        `command line: broker.caFile: ${caFile} holds no certificate in PEM form`,
      ]);
    }
  });

  it('reads the broker password from its file', async () => {
    const passwordFile = await fileWith('open sesame\n');
    const config = await configOf({ flags: { broker: { username: 'me', passwordFile } } });
    expect(config.broker.password).toBe('open sesame');
    const problems = await problemsOf({
      env: { PORTHOLE_BROKER_USERNAME: 'me', PORTHOLE_BROKER_PASSWORD_FILE: '/nowhere' },
    });
    expect(problems).toEqual(['PORTHOLE_BROKER_PASSWORD_FILE: broker.passwordFile: /nowhere cannot be read (ENOENT)']);
  });

  it('takes secrets from the credentials of systemd, below what the configuration says', async () => {
    const credentials = join(folder, 'credentials');
    await mkdir(credentials);
    await writeFile(join(credentials, 'broker-password'), 'from systemd\n');
    const env = { CREDENTIALS_DIRECTORY: credentials, PORTHOLE_BROKER_USERNAME: 'me' };
    expect((await configOf({ env })).broker.password).toBe('from systemd');
    expect((await configOf({ env, flags: { broker: { password: 'said' } } })).broker.password).toBe('said');
    const passwordFile = await fileWith('in a file');
    expect((await configOf({ env, flags: { broker: { passwordFile } } })).broker.password).toBe('in a file');

    const turn = { urls: ['turn:turn.example:3478'] };
    expect((await problemsOf({ env, flags: { ice: { turn } } })).join()).toMatch(/ice\.turn\.secret: is missing/);
    await writeFile(join(credentials, 'turn-secret'), 'north');
    expect((await configOf({ env, flags: { ice: { turn } } })).ice.turn?.secret).toBe('north');
    expect((await configOf({ env })).ice.turn).toBeUndefined();

    // Without a user name it is of no use to anybody.
    expect((await configOf({ env: { CREDENTIALS_DIRECTORY: credentials } })).broker.password).toBeUndefined();

    // What stands in for a credential that the machine does not have.
    await writeFile(join(credentials, 'broker-password'), '\n');
    expect((await configOf({ env })).broker.password).toBeUndefined();
  });

  it('takes the credential of the same name for a file that it may not read', async () => {
    const credentials = await mkdtemp(join(folder, 'credentials-'));
    const env = { CREDENTIALS_DIRECTORY: credentials, PORTHOLE_BROKER_USERNAME: 'me' };
    // Root may read every file, so a folder stands for what cannot be read.
    const closed = await mkdtemp(join(folder, 'closed-'));
    const [passwordFile, secretFile] = [join(closed, 'broker-password'), join(closed, 'turn-secret')];
    await mkdir(passwordFile);
    const flags = { broker: { passwordFile }, ice: { turn: { urls: ['turn:turn.example:3478'], secretFile } } };
    expect(await problemsOf({ env, flags })).toEqual([
      `command line: broker.passwordFile: ${passwordFile} cannot be read (EISDIR)`,
      `command line: ice.turn.secretFile: ${secretFile} cannot be read (ENOENT)`,
    ]);
    await writeFile(join(credentials, 'broker-password'), 'from systemd\n');
    await writeFile(join(credentials, 'turn-secret'), 'north\n');
    const config = await configOf({ env, flags });
    expect(config.broker.password).toBe('from systemd');
    expect(config.ice.turn?.secret).toBe('north');

    // What stands in for a credential that the machine does not have.
    await writeFile(join(credentials, 'broker-password'), '\n');
    expect(await problemsOf({ env, flags })).toEqual([expect.stringContaining('broker.passwordFile')]);
  });

  it('takes secrets from beside the file', async () => {
    const beside = await mkdtemp(join(folder, 'beside-'));
    await writeFile(join(beside, 'porthole.yaml'), 'broker: {username: me}');
    await writeFile(join(beside, 'broker-password'), 'near\n');
    const file = join(beside, 'porthole.yaml');
    expect((await configOf({ file })).broker.password).toBe('near');
    expect((await configOf({ file, env: { CREDENTIALS_DIRECTORY: folder } })).broker.password).toBeUndefined();
  });

  it('reads the TURN secret from its file', async () => {
    const turn = { urls: ['turn:turn.example:3478'], secretFile: await fileWith('west\n') };
    expect((await configOf({ flags: { ice: { turn } } })).ice.turn?.secret).toBe('west');
    const both = { ice: { turn: { ...turn, secret: 'east' } } };
    expect((await problemsOf({ flags: both })).join()).toMatch(/secretFile: must not be given beside/);
  });

  it('prefers the file of the user to that of the machine', async () => {
    const home = join(folder, 'home');
    await mkdir(join(home, 'porthole'), { recursive: true });
    await writeFile(join(home, 'porthole/porthole.yaml'), 'name: mine\n');
    const loaded = await loadConfig({ env: { XDG_CONFIG_HOME: home }, flags: {} });
    expect(loaded).toMatchObject({ ok: true, value: { name: 'mine' } });
  });

  it('takes a key without a value as one that is not there', async () => {
    const file = await fileWith('name:\nbroker:\n  # url: x\ncameras:\nice:\n  turn:\n');
    const config = await configOf({ file, flags: { name: 'below' } });
    expect(config).toMatchObject({ name: 'below', broker: { url: 'mqtt://127.0.0.1:1883' }, cameras: [] });
    expect(config.ice.turn).toBeUndefined();
  });

  it('says what was probably meant, where it was written', async () => {
    const file = await fileWith('brokr:\n  url: x\ncameras:\n  - source: test\n    fsp: 3\nfps: 5\nunheardOf: 1\n');
    const env = { PORTHOLE_LIMIT_SESSIONS: '3' };
    expect((await problemsOf({ file, env })).map((problem) => problem.replace(/^.*yaml/, ''))).toEqual(
      expect.arrayContaining([
        ':1:1: brokr: there is no such setting; did you mean broker?',
        ':5:5: cameras[0].fsp: there is no such setting; did you mean fps?',
        ':6:1: fps: there is no such setting; did you mean cameras[].fps?',
        ':7:1: unheardOf: there is no such setting',
        'PORTHOLE_LIMIT_SESSIONS: there is no such setting; did you mean PORTHOLE_LIMITS_SESSIONS?',
      ]),
    );
  });
});
