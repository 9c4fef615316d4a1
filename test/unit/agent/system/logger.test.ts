import { describe, expect, it } from 'vitest';
import { buildLogger } from '../../../../agent/system/logger.ts';

function loggerOf(options: Parameters<typeof buildLogger>[0]) {
  const lines: string[] = [];
  return { lines, logger: buildLogger(options, { write: (line) => lines.push(line) }) };
}

describe('buildLogger', () => {
  it('writes one readable line per event', () => {
    const { lines, logger } = loggerOf({ level: 'info', format: 'text' });
    logger.child({ sessionId: 'abc' }).info({ camera: 'cam0', tookMs: 63 }, 'camera started');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}camera started sessionId=abc camera=cam0 tookMs=63\n$/);
  });

  it('does not let a value forge a second line or another field', () => {
    const { lines, logger } = loggerOf({ level: 'info', format: 'text' });
    logger.info({ label: 'x\n00:00:00.000 info forged role=admin' }, 'paired \u001b[31m');
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(lines[0]).toContain('label="x\\n');
    expect(lines[0]).not.toContain('\u001b');
  });

  it('gives an error with its message, and its stack where it is a defect', () => {
    const { lines, logger } = loggerOf({ level: 'info', format: 'text' });
    logger.warn({ error: new Error('disk full') }, 'not saved');
    logger.error({ error: new Error('bug') }, 'failed');
    expect(lines[0]).toContain('error="disk full"');
    expect(lines[0]).not.toContain('stack=');
    expect(lines[1]).toContain('stack="Error: bug');
  });

  it('writes JSON where no person reads', () => {
    const { lines, logger } = loggerOf({ level: 'warn', format: 'json' });
    logger.info({}, 'not severe enough');
    logger.warn({ error: new Error('disk full') }, 'not saved');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      msg: 'not saved',
      error: { message: 'disk full' },
    });
  });

  it('keeps secrets out, whoever passes them in', () => {
    const { lines, logger } = loggerOf({ level: 'debug', format: 'json' });
    logger.debug({ password: 'hunter2', broker: { password: 'hunter2' }, invite: 'hunter2' }, 'config');
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('puts the priority of syslog before a line for the journal, and leaves the time to it', () => {
    const { lines, logger } = loggerOf({ level: 'debug', format: 'journal' });
    logger.debug({}, 'looked');
    logger.info({ camera: 'cam0' }, 'camera started');
    logger.warn({}, 'late');
    logger.error({ error: new Error('two\nlines') }, 'failed');
    expect(lines.slice(0, 3)).toEqual(['<7>looked\n', '<6>camera started camera=cam0\n', '<4>late\n']);
    expect(lines[3]).toMatch(/^<3>failed error="two\\nlines" stack="[^\n]+"\n$/);
  });

  it('changes its level while it runs, for its children too', () => {
    const { lines, logger } = loggerOf({ level: 'info', format: 'text' });
    const child = logger.child({ session: 'abc' });
    child.debug({}, 'one');
    logger.setLevel('debug');
    child.debug({}, 'two');
    logger.setLevel('silent');
    child.error({}, 'three');
    expect(lines.map((line) => line.slice(19).trimEnd())).toEqual(['two session=abc']);
  });
});
