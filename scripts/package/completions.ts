import type { CliCommand, FlagSpec } from '../../cli/command-line.ts';

const origin = '# Made from the command line by "npm run package -- --texts".';
/** Values of these kinds are names of files or folders. */
const fileValues = new Set(['FILE', 'DIR']);

type Flag = readonly [name: string, spec: FlagSpec];

const helpFlag: Flag = ['help', { type: 'boolean', help: 'Explain the command.' }];

function flagsOf({ flags }: CliCommand): Flag[] {
  return [...Object.entries(flags), helpFlag];
}

/** The words that a usage such as `install|uninstall|status [--print]` begins with. */
function actionsOf({ usage }: CliCommand): string[] {
  const first = usage.split(' ')[0] ?? '';
  return /^[a-z]+(\|[a-z]+)+$/.test(first) ? first.split('|') : [];
}

function hasFileValue({ value = '' }: FlagSpec): boolean {
  return fileValues.has(value);
}

export function buildBashCompletion(commands: readonly CliCommand[]): string {
  const all = commands.flatMap(flagsOf).filter(([, { type }]) => type === 'string');
  const withFile = [...new Set(all.filter(([, spec]) => hasFileValue(spec)).map(([name]) => `--${name}`))];
  const withText = [...new Set(all.filter(([, spec]) => !hasFileValue(spec)).map(([name]) => `--${name}`))];
  return [
    origin,
    '_porthole() {',
    '  local word=$2 before=$3 words=',
    '  COMPREPLY=()',
    '  if ((COMP_CWORD == 1)); then',
    `    mapfile -t COMPREPLY < <(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$word")`,
    '    return',
    '  fi',
    '  case $before in',
    `    ${withFile.join(' | ')})`,
    '      mapfile -t COMPREPLY < <(compgen -f -- "$word")',
    '      return',
    '      ;;',
    `    ${withText.join(' | ')}) return ;;`,
    '  esac',
    `  case \${COMP_WORDS[1]} in`,
    ...commands.map((command) => {
      const words = [...actionsOf(command), ...flagsOf(command).map(([name]) => `--${name}`)];
      return `    ${command.name}) words='${words.join(' ')}' ;;`;
    }),
    '  esac',
    '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")',
    '}',
    'complete -F _porthole porthole',
    '',
  ].join('\n');
}

export function buildZshCompletion(commands: readonly CliCommand[]): string {
  // A help text stands in brackets, and a colon would end it.
  const text = (help: string) => help.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");
  const argument = ([name, spec]: Flag) => {
    const value = spec.type === 'string' ? `:${spec.value ?? 'VALUE'}:${hasFileValue(spec) ? '_files' : ''}` : '';
    return `'--${name}[${text(spec.help)}]${value}'`;
  };
  return [
    '#compdef porthole',
    origin,
    '_porthole() {',
    '  if ((CURRENT == 2)); then',
    '    local -a commands=(',
    ...commands.map(({ name, title }) => `      '${name}:${text(title)}'`),
    '    )',
    '    _describe command commands',
    '    return',
    '  fi',
    '  case $words[2] in',
    ...commands.flatMap((command) => {
      const actions = actionsOf(command);
      const positional = actions.length > 0 ? [`'2:action:(${actions.join(' ')})'`] : [];
      return [
        `    ${command.name})`,
        `      _arguments ${[...positional, ...flagsOf(command).map(argument)].join(' \\\n        ')}`,
        '      ;;',
      ];
    }),
    '  esac',
    '}',
    '_porthole "$@"',
    '',
  ].join('\n');
}

export function buildFishCompletion(commands: readonly CliCommand[]): string {
  const text = (help: string) => `'${help.replace(/[\\']/g, '\\$&')}'`;
  const complete = (condition: string, rest: string) => `complete -c porthole -n '${condition}' ${rest}`;
  return [
    origin,
    'complete -c porthole -f',
    ...commands.map(({ name, title }) => complete('__fish_use_subcommand', `-a ${name} -d ${text(title)}`)),
    ...commands.flatMap((command) => {
      const seen = `__fish_seen_subcommand_from ${command.name}`;
      const takes = ({ type, ...spec }: FlagSpec) =>
        type === 'boolean' ? '' : hasFileValue({ type, ...spec }) ? ' -rF' : ' -x';
      const actions = actionsOf(command);
      return [
        ...(actions.length > 0 ? [complete(seen, `-a '${actions.join(' ')}'`)] : []),
        ...flagsOf(command).map(([name, spec]) => complete(seen, `-l ${name}${takes(spec)} -d ${text(spec.help)}`)),
      ];
    }),
    '',
  ].join('\n');
}
