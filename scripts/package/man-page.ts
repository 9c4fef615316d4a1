import type { CliCommand, FlagSpec } from '../../cli/command-line.ts';
import { exitCode } from '../../cli/exit-code.ts';

const exitMeanings: Record<keyof typeof exitCode, string> = {
  done: 'Done.',
  failed: 'It was tried and did not work; the reason is on standard error.',
  usage: 'The command line or the configuration is wrong; nothing was tried.',
  notReachable: 'No agent runs on this machine, or the device did not answer.',
  refused: 'The device refused: not paired, invite used up, role too low.',
};

const files: [path: string, meaning: string][] = [
  ['/etc/porthole/porthole.yaml', 'Configuration of the service, which does not start before something is set there.'],
  ['/etc/porthole/broker-password', 'Password at the broker, in its first line; readable to root alone.'],
  ['/etc/porthole/turn-secret', 'Secret of the TURN server, likewise.'],
  ['/var/lib/porthole', 'Key of the device and the list of viewers. Whoever has the key can pass for the device.'],
  ['/run/porthole', 'Socket through which invite, viewers and revoke reach the agent.'],
  [
    '/usr/share/porthole/porthole.example.yaml',
    'Every setting with its default; the first configuration is a copy of it.',
  ],
  ['/usr/share/doc/porthole/docs/configuration.md', 'Every setting.'],
  ['/usr/share/doc/porthole/docs/troubleshooting.md', 'What doctor looks at, and what helps.'],
  [
    '/usr/share/doc/porthole/docs/deploy.md',
    'Broker, page and relay on servers of your own; the files for them lie in broker/deploy beside docs.',
  ],
];

/** The manual page (man-pages(7)) of all commands. */
export function buildManPage(commands: readonly CliCommand[]): string {
  return [
    '.\\" Made from the command line by "npm run package -- --texts".',
    '.TH PORTHOLE 1 "" porthole "User Commands"',
    '.SH NAME',
    'porthole \\- see and operate a device from any browser',
    '.SH SYNOPSIS',
    '.B porthole',
    '.I COMMAND',
    '.RI [ ARGUMENTS ]',
    '.SH DESCRIPTION',
    'Porthole shows the cameras of a device in a browser and takes commands from there, through an MQTT broker that need',
    'not be trusted. As a service it is the',
    '.B agent',
    'alone; see',
    '.BR systemctl (1)',
    'and the unit porthole.service.',
    '.SH COMMANDS',
    ...commands.flatMap(describeCommand),
    '.SH EXIT STATUS',
    ...Object.entries(exitMeanings).flatMap(([name, meaning]) => [
      '.TP',
      `.B ${exitCode[name as keyof typeof exitCode]}`,
      escapeRoff(meaning),
    ]),
    '.SH ENVIRONMENT',
    '.TP',
    '.B PORTHOLE_CONFIG',
    'Path of the configuration file.',
    '.TP',
    '.BR PORTHOLE_ ...',
    'Every setting of the file has a variable: broker.url is PORTHOLE_BROKER_URL.',
    '.SH FILES',
    ...files.flatMap(([path, meaning]) => ['.TP', `.I ${escapeRoff(path)}`, escapeRoff(meaning)]),
    '.SH SEE ALSO',
    '.BR ffmpeg (1),',
    '.BR journalctl (1),',
    '.BR systemctl (1)',
    '',
  ].join('\n');
}

function describeCommand({ name, usage, title, flags }: CliCommand): string[] {
  return [
    `.SS porthole ${escapeRoff(`${name} ${usage}`.trim())}`,
    escapeRoff(title),
    ...Object.entries(flags).flatMap(([flag, spec]) => ['.TP', flagHead(flag, spec), escapeRoff(spec.help)]),
  ];
}

function flagHead(name: string, { type, value }: FlagSpec): string {
  const flag = `\\-\\-${name.replaceAll('-', '\\-')}`;
  return type === 'string' ? `.BI ${flag} " ${value ?? 'VALUE'}"` : `.B ${flag}`;
}

// A line that begins with a dot or a quote would be a request to roff; "-" would become a hyphen, which nobody can paste.
function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replace(/^(?=[.'])/, '\\&');
}
