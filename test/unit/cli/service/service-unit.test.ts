import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildServiceUnit } from '../../../../cli/service/service-unit.ts';

const template = readFileSync(new URL('../../../../packaging/systemd/porthole.service', import.meta.url), 'utf8');

const startOf = (unit: string) => /^ExecStart=.*$/m.exec(unit)?.[0];

describe('buildServiceUnit', () => {
  it('is the unit of the package but for the command', () => {
    const unit = buildServiceUnit(template, [
      '/usr/local/bin/node',
      '/usr/local/lib/node_modules/porthole/dist/cli.js',
    ]);
    expect(startOf(unit)).toBe('ExecStart=/usr/local/bin/node /usr/local/lib/node_modules/porthole/dist/cli.js agent');
    expect(buildServiceUnit(template, ['/usr/bin/porthole'])).toBe(template);
    expect(unit).toContain(
      'ExecCondition=/usr/local/bin/node /usr/local/lib/node_modules/porthole/dist/cli.js service configured\n',
    );
    expect(unit.split('\n').filter((line) => !template.includes(line))).toHaveLength(3);
  });

  it('lets no path become anything but a path', () => {
    const unit = buildServiceUnit(template, ['/opt/my node/100%/$HOME/"x"\\y']);
    expect(startOf(unit)).toBe('ExecStart="/opt/my node/100%%/$$HOME/\\"x\\"\\\\y" agent');
  });
});
