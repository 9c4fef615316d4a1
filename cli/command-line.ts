import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CliError, exitCode } from './exit-code.ts';

/** One flag of a command. */
export interface FlagSpec {
  type: 'string' | 'boolean';
  /** Name of the value in the help, for string flags. */
  value?: string;
  help: string;
}

/** One `porthole …` command. */
export interface CliCommand {
  name: string;
  /** What comes after the name, as the help shows it. */
  usage: string;
  title: string;
  flags: Record<string, FlagSpec>;
  /** Least and greatest number of words after the name. */
  positionals: readonly [min: number, max: number];
  run(input: CommandInput): Promise<number>;
}

export interface CommandInput {
  words: string[];
  flags: Flags;
  env: Record<string, string | undefined>;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  /** Calls the listener on SIGHUP, which asks a daemon to read its configuration again. */
  onHangup(listener: () => void): void;
}

/** The flags of a parsed command line. */
export class Flags {
  private readonly values: Record<string, string | boolean | undefined>;

  constructor(values: Record<string, string | boolean | undefined>) {
    this.values = values;
  }

  has(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws CliError when it is not a whole number within the range */
  integer(name: string, range: { min: number; max: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isInteger(value) && text.trim() !== '' && value >= range.min && value <= range.max) return value;
    throw new CliError(
      exitCode.usage,
      `--${name} takes a whole number from ${range.min} to ${range.max}, not "${text}".`,
    );
  }
}

/** @throws CliError for an unknown flag, a missing value or a wrong number of words */
export function parseCommandLine(
  command: CliCommand,
  args: string[],
): { words: string[]; flags: Flags; help: boolean } {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, flag] of Object.entries(command.flags)) options[name] = { type: flag.type };
  const { values, positionals } = readArgs(command, args, options);
  const { help: isHelp, ...flags } = values as Record<string, string | boolean | undefined>;
  const help = isHelp === true;
  const [min, max] = command.positionals;
  const count = positionals.length;
  if (!help && (count < min || count > max)) {
    const usage = `Usage: porthole ${command.name} ${command.usage}`.trim();
    throw new CliError(exitCode.usage, `${usage}\n"porthole ${command.name} --help" explains it.`);
  }
  return { words: positionals, flags: new Flags(flags), help };
}

function readArgs(command: CliCommand, args: string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new CliError(exitCode.usage, `${reason}. "porthole ${command.name} --help" lists what there is.`);
  }
}

/** The help of one command. */
export function formatCommandHelp(command: CliCommand): string {
  const rows = Object.entries(command.flags).map(([name, flag]): [string, string] => [
    flag.type === 'string' ? `--${name} ${flag.value ?? 'VALUE'}` : `--${name}`,
    flag.help,
  ]);
  const usage = `Usage: porthole ${command.name} ${command.usage}`.trimEnd();
  return [usage, '', command.title, ...(rows.length > 0 ? ['', formatRows(rows)] : [])].join('\n');
}

/** The help of all commands. */
export function formatHelp(commands: Iterable<CliCommand>): string {
  const rows = [...commands].map((command): [string, string] => [
    `${command.name} ${command.usage}`.trim(),
    command.title,
  ]);
  return [
    'porthole: see and operate a device from any browser, through a broker that need not be trusted.',
    '',
    'Usage: porthole COMMAND [ARGUMENTS]',
    '',
    formatRows(rows),
    '',
    '"porthole COMMAND --help" explains a command. "porthole --version" prints the version.',
  ].join('\n');
}

const columnMaxWidth = 34;

function formatRows(rows: [string, string][]): string {
  const width = Math.min(columnMaxWidth, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) => {
      const isWide = left.length > width;
      return isWide ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`;
    })
    .join('\n');
}
