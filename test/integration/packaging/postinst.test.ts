import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasDpkgDeb, InstalledPackage } from '../../helpers/installed-package.ts';

const config = 'etc/porthole/porthole.yaml';

describe.skipIf(!hasDpkgDeb())('postinst (needs dpkg-deb)', () => {
  it('makes the first configuration where the system leaves documents out', () => {
    const installed = InstalledPackage.unpack();
    rmSync(join(installed.root, 'usr/share/doc'), { recursive: true });
    expect(installed.run('postinst', 'configure', '')).toMatchObject({ code: 0 });
    expect(installed.read(config)).toContain('#name: Harbour cam');
  });

  it('leaves a configuration that is there, and none that was deleted since, as it is', () => {
    const installed = InstalledPackage.unpack();
    expect(installed.run('postinst', 'configure', '1.2.2')).toMatchObject({ code: 0 });
    expect(() => installed.read(config)).toThrow('ENOENT');
    installed.write(config, 'name: Mine\n');
    expect(installed.run('postinst', 'configure', '')).toMatchObject({ code: 0 });
    expect(installed.read(config)).toBe('name: Mine\n');
  });

  it('starts the service, and says what to do where that waits for its settings', () => {
    const installed = InstalledPackage.unpack();
    const install = () => {
      installed.write('run/porthole.install', '');
      return installed.run('postinst', 'configure', '');
    };
    expect(install()).toEqual({ code: 0, output: '' });
    expect(installed.calls).toContain('deb-systemd-invoke start porthole.service');
    installed.setServiceProperty('Result', 'exec-condition');
    expect(install()).toEqual({ code: 0, output: expect.stringContaining('sudo porthole setup') });
  });

  it('leaves what was stopped, and restarts what ran, after an upgrade', () => {
    const installed = InstalledPackage.unpack();
    const upgrade = () => {
      expect(installed.run('postinst', 'configure', '1.2.2')).toMatchObject({ code: 0 });
      return installed.calls.filter((call) => call.startsWith('deb-systemd-invoke'));
    };
    installed.setServiceProperty('ActiveState', 'inactive');
    expect(upgrade()).toEqual([]);
    installed.setServiceProperty('ActiveState', 'active');
    expect(upgrade()).toEqual(['deb-systemd-invoke restart porthole.service']);
  });

  it('has what the unit asks before each start', () => {
    const installed = InstalledPackage.unpack();
    const [, script] =
      /^ExecCondition=\/bin\/sh \/(.*)$/m.exec(installed.read('usr/lib/systemd/system/porthole.service')) ?? [];
    expect(installed.read(script ?? '')).toMatch(/^#!\/bin\/sh/);
  });

  it('names a unit that hides that of the package', () => {
    const installed = InstalledPackage.unpack();
    expect(installed.run('postinst', 'configure', '').output).not.toContain('hides');
    installed.write('etc/systemd/system/porthole.service', '[Service]\n');
    expect(installed.run('postinst', 'configure', '')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/etc\/systemd\/system\/porthole\.service hides .*porthole service uninstall/),
    });
  });

  it('has the example among the documents too', () => {
    const installed = InstalledPackage.unpack();
    expect(installed.read('usr/share/doc/porthole/examples/porthole.yaml')).toContain('#name: Harbour cam');
  });
});
