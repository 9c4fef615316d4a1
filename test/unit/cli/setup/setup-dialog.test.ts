import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../agent/config/load-config.ts';
import { answersFrom, type SetupAnswers, settingsFrom, withAccount } from '../../../../cli/setup/setup-answers.ts';
import { SetupDialog, type SetupDialogOptions } from '../../../../cli/setup/setup-dialog.ts';
import { FakeSetupChecks } from '../../../fakes/setup-fake-checks.ts';
import { FakePrompt } from '../../../fakes/setup-fake-prompt.ts';

async function configWith(flags: Record<string, unknown> = {}) {
  const loaded = await loadConfig({
    env: { HOME: '/nowhere' },
    flags: { name: 'host', ...flags },
    defaultFile: '/nowhere/x',
    hasOwnAuthorityCheck: true,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

async function bench(
  answers: string[],
  options: Partial<SetupDialogOptions> & { current?: Record<string, unknown> } = {},
) {
  const current = await configWith(options.current);
  const checks = new FakeSetupChecks();
  const prompt = new FakePrompt(answers);
  const dialog = new SetupDialog({
    prompt,
    checks,
    async buildConfig(wanted: SetupAnswers) {
      const settings = settingsFrom(wanted, current);
      const built = await loadConfig({
        env: { HOME: '/nowhere' },
        flags: settings,
        defaultFile: '/nowhere/x',
        hasOwnAuthorityCheck: true,
      });
      return built.ok ? { ok: true, value: withAccount(built.value, wanted) } : built;
    },
    standard: answersFrom(current),
    given: {},
    hasLinks: false,
    hasPassword: false,
    ...options,
  });
  return { dialog, checks, prompt };
}

describe('SetupDialog', () => {
  it('takes what stands in brackets, guesses the links from the broker, and tries every answer', async () => {
    const { dialog, checks, prompt } = await bench(['mqtts://broker.example', 'me', 'secret', '', '', '', 'Shed']);
    expect(await dialog.run()).toEqual({
      name: 'Shed',
      brokerUrl: 'mqtts://broker.example',
      username: 'me',
      password: 'secret',
      pageUrl: 'https://broker.example/',
      linksBrokerUrl: 'wss://broker.example/mqtt',
    });
    expect(checks.tried).toEqual(['mqtts://broker.example as me with secret', 'wss://broker.example/mqtt']);
    expect(prompt.shown.join('\n')).not.toContain('secret');
  });

  it('says what is wrong and asks again, with the last answer in brackets', async () => {
    const { dialog, checks, prompt } = await bench(['mqtt://typo', '', '', 'mqtt://right', '', '', '', '', '']);
    checks.broken.add('mqtt://typo');
    expect((await dialog.run()).brokerUrl).toBe('mqtt://right');
    expect(prompt.shown.join('\n')).toMatch(/✗ mqtt:\/\/typo is broken\.\n {4}→ Repair it\./);
    expect(prompt.shown).toContain('Address of the broker [mqtt://typo]');
    expect(prompt.unused).toEqual([]);
  });

  it('asks for the certificate of an authority that nobody knows', async () => {
    const { dialog, checks, prompt } = await bench(['mqtts://own', '', '/my/ca.pem', '', '', '', '']);
    checks.ofUnknownAuthority.add('mqtts://own');
    expect((await dialog.run()).caFile).toBe('/my/ca.pem');
    expect(prompt.unused).toEqual([]);
  });

  it('takes "-" for no authority in place of an old one, and tries again', async () => {
    const current = { broker: { url: 'mqtts://public', caFile: '/old/ca.pem' } };
    const { dialog, checks, prompt } = await bench(['', '', '-', '', '', '', ''], { current });
    checks.ofOtherAuthority.add('mqtts://public');
    expect((await dialog.run()).caFile).toBeUndefined();
    expect(prompt.shown).toContain('PEM file of the authority that signed it, - for none [/old/ca.pem]');
    expect(prompt.unused).toEqual([]);
  });

  it('keeps an answer that does not work yet, when told to', async () => {
    const { dialog, checks } = await bench(['mqtt://later', '', 'y', '', '', '', '']);
    checks.broken.add('mqtt://later');
    expect((await dialog.run()).brokerUrl).toBe('mqtt://later');
  });

  it('never keeps what the configuration would refuse', async () => {
    const { dialog, prompt } = await bench(['http://x', '', 'y', 'mqtt://x', '', '', '', '', '']);
    expect((await dialog.run()).brokerUrl).toBe('mqtt://x');
    expect(prompt.shown.join('\n')).toContain('broker.url: must be an address that begins with mqtt://');
  });

  it('lists the cameras, to be chosen by number', async () => {
    const { dialog, checks, prompt } = await bench(['', '', '', '', '2', '']);
    checks.cameras = [
      { source: '/dev/v4l/by-id/usb-A', name: 'Webcam A', formats: 'mjpeg up to 1920x1080' },
      { source: '/dev/v4l/by-id/usb-B', name: 'Webcam B', formats: '' },
    ];
    expect((await dialog.run()).camera).toBe('/dev/v4l/by-id/usb-B');
    expect(prompt.shown.join('\n')).toContain('  1  Webcam A, /dev/v4l/by-id/usb-A\n     mjpeg up to 1920x1080');
    expect(prompt.shown.at(-3)).toContain('[/dev/v4l/by-id/usb-A]');
  });

  it('offers and tries a camera on the CSI connector', async () => {
    const { dialog, checks } = await bench(['', '', '', '', '', '']);
    checks.cameras = [{ source: 'rpicam:0', name: 'imx708', formats: '' }];
    expect((await dialog.run()).camera).toBe('rpicam:0');
    expect(checks.tried.at(-1)).toBe('rpicam:0');
  });

  it('leaves the camera to the agent where none is found, or somebody wants that', async () => {
    const { dialog, prompt } = await bench(['', '', '', '', '', '']);
    expect((await dialog.run()).camera).toBeUndefined();
    expect(prompt.shown.join('\n')).toMatch(/There is none now\..*takes the first/);
    const withOne = await bench(['', '', '', '', '-', '']);
    withOne.checks.cameras = [{ source: '/dev/video0', name: 'Webcam', formats: '' }];
    expect((await withOne.dialog.run()).camera).toBeUndefined();
  });

  it('does not ask what the command line has settled', async () => {
    const given = { brokerUrl: 'mqtt://b', username: 'u', password: 'p', camera: 'test', name: 'N' };
    const { dialog } = await bench(['', ''], { given });
    expect(await dialog.run()).toMatchObject({ ...given, linksBrokerUrl: 'ws://b:8080/mqtt' });
  });

  it('begins with what is in force, and leaves links alone that somebody set', async () => {
    const current = {
      broker: { url: 'mqtt://old', username: 'u' },
      links: { pageUrl: 'https://mine/', brokerUrl: 'wss://mine/mqtt' },
      cameras: [{ source: 'test', fps: 5 }],
    };
    const { dialog } = await bench(['', '', '', '', '', '', ''], { current, hasLinks: true, hasPassword: true });
    const answers = await dialog.run();
    expect(answers).toMatchObject({ brokerUrl: 'mqtt://old', username: 'u', pageUrl: 'https://mine/', camera: 'test' });
    expect(answers).not.toHaveProperty('password');
  });

  it('takes "-" for no user name', async () => {
    const current = { broker: { url: 'mqtt://old', username: 'u' } };
    const { dialog } = await bench(['', '-', '', '', '', ''], { current });
    expect((await dialog.run()).username).toBeUndefined();
  });
});
