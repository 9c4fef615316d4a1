import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildServiceUnit } from '../../../../cli/service/service-unit.ts';

const template = readFileSync(new URL('../../../../packaging/systemd/porthole.service', import.meta.url), 'utf8');

const startOf = (unit: string) => /^ExecStart=.*$/m.exec(unit)?.[0];

describe('buildServiceUnit', () => {
  it('is the unit of the package but for the command', () => {
    const dist = '/usr/local/lib/node_modules/porthole/dist';
    const unit = buildServiceUnit(template, ['/usr/local/bin/node', `${dist}/cli.js`], `${dist}/systemd`);
    expect(startOf(unit)).toBe('ExecStart=/usr/local/bin/node /usr/local/lib/node_modules/porthole/dist/cli.js agent');
    expect(buildServiceUnit(template, ['/usr/bin/porthole'], '/usr/lib/porthole/systemd')).toBe(template);
    expect(unit).toContain(`ExecCondition=/bin/sh ${dist}/systemd/is-configured\n`);
    expect(unit.split('\n').filter((line) => !template.includes(line))).toHaveLength(3);
  });

  it('lets no path become anything but a path', () => {
    const path = '/opt/my node/100%/$HOME/"x"\\y';
    const unit = buildServiceUnit(template, [path], path);
    expect(unit).toContain('ExecCondition=/bin/sh "/opt/my node/100%%/$$HOME/\\"x\\"\\\\y/is-configured"\n');
    expect(startOf(unit)).toBe('ExecStart="/opt/my node/100%%/$$HOME/\\"x\\"\\\\y" agent');
  });
});
