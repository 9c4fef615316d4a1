import { describe, expect, it } from 'vitest';
import { type CliCommand, formatCommandHelp, formatHelp, parseCommandLine } from '../../../cli/command-line.ts';
import { upCommand } from '../../../cli/commands/up.ts';
import { viewCommand } from '../../../cli/commands/view.ts';
import { exitCode } from '../../../cli/exit-code.ts';

const command: CliCommand = {
  name: 'watch',
  usage: 'LINK [--seconds N]',
  title: 'Watches a device.',
  positionals: [1, 2],
  flags: {
    seconds: { type: 'string', value: 'N', help: 'How long.' },
    json: { type: 'boolean', help: 'Print JSON.' },
    'a-very-long-name-of-a-flag-indeed': { type: 'string', value: 'VALUE', help: 'Long.' },
  },
  run: async () => 0,
};

const parse = (...args: string[]) => parseCommandLine(command, args);
const usageError = (message: unknown) => expect.objectContaining({ exitCode: exitCode.usage, message });

describe('parseCommandLine', () => {
  it('reads words and flags in any order', () => {
    const { words, flags, help } = parse('--json', 'one', '--seconds=5', 'two');
    expect(words).toEqual(['one', 'two']);
    expect([flags.has('json'), flags.text('seconds'), flags.integer('seconds', { min: 1, max: 9 })]).toEqual([
      true,
      '5',
      5,
    ]);
    expect(help).toBe(false);
  });

  it('tells what was not given', () => {
    const { flags } = parse('one');
    expect([flags.has('json'), flags.text('seconds'), flags.integer('seconds', { min: 1, max: 9 })]).toEqual([
      false,
      undefined,
      undefined,
    ]);
  });

  it('takes what follows -- as words', () => {
    expect(parse('--', '--json').words).toEqual(['--json']);
  });

  it.each([
    ['an unknown flag', ['one', '--colour'], expect.stringContaining("'--colour'")],
    ['a missing value', ['one', '--seconds'], expect.stringContaining('--seconds')],
    ['a value for a switch', ['one', '--json=yes'], expect.stringContaining('--json')],
    ['too few words', [], 'Usage: porthole watch LINK [--seconds N]\n"porthole watch --help" explains it.'],
    [
      'too many words',
      ['1', '2', '3'],
      'Usage: porthole watch LINK [--seconds N]\n"porthole watch --help" explains it.',
    ],
  ])('refuses %s, and says what is possible', (_, args, message) => {
    expect(() => parse(...args)).toThrow(usageError(message));
  });

  it.each(['5.5', 'five', '', ' ', '0', '10', '1e9', '-1'])('takes no "%s" for a number from 1 to 9', (text) => {
    const { flags } = parse('one', `--seconds=${text}`);
    expect(() => flags.integer('seconds', { min: 1, max: 9 })).toThrow(
      usageError(expect.stringContaining('from 1 to 9')),
    );
  });

  it.each(['--help', '-h'])('asks for nothing else beside %s', (flag) => {
    expect(parse(flag).help).toBe(true);
  });
});

describe('help', () => {
  it('lists every flag of a command with its value', () => {
    const text = formatCommandHelp(command);
    expect(text).toContain('Usage: porthole watch LINK [--seconds N]');
    expect(text).toMatch(/--seconds N +How long\./);
    expect(text).toMatch(/--json +Print JSON\./);
    // Too wide for the column, so the explanation has a line of its own.
    expect(text).toMatch(/--a-very-long-name-of-a-flag-indeed VALUE\n +Long\./);
  });

  it('lists every command', () => {
    const text = formatHelp([upCommand, viewCommand]);
    for (const { usage, title } of [upCommand, viewCommand]) {
      expect(text).toContain(usage);
      expect(text).toContain(title);
    }
  });
});
