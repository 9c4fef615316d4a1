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

  it('starts what somebody has set up before, and nothing else', () => {
    const installed = InstalledPackage.unpack();
    const install = () => {
      installed.write('run/porthole.install', '');
      expect(installed.run('postinst', 'configure', '')).toMatchObject({ code: 0 });
    };
    install();
    expect(installed.calls.filter((call) => call.startsWith('deb-systemd-invoke'))).toEqual([]);
    installed.setConfigured(true);
    install();
    expect(installed.calls).toContain('deb-systemd-invoke start porthole.service');
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
