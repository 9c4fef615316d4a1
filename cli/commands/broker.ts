import { buildLogger } from '../../agent/system/logger.ts';
import { Broker } from '../../broker/broker.ts';
import type { User } from '../../broker/broker-access.ts';
import { hashPassword } from '../../broker/password-hash.ts';
import { loadUsersFile } from '../../broker/users-file.ts';
import type { CliCommand, CommandInput, FlagSpec, Flags } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { pageDir } from '../page-dir.ts';
import { readStandardInput } from '../standard-input.ts';
import { untilAborted } from '../until-aborted.ts';

/** Flags that `porthole up` has as well. */
export const brokerFlags = {
  port: {
    type: 'string',
    value: 'PORT',
    help: 'Port of the page and of MQTT over WebSocket; 0 = any free port. Default 8080.',
  },
  'mqtt-port': { type: 'string', value: 'PORT', help: 'Port of MQTT over TCP; 0 = any free port. Default 1883.' },
  lan: { type: 'boolean', help: 'Listen on all networks of this machine instead of on itself alone.' },
  'broker-users': { type: 'string', value: 'FILE', help: 'YAML file with users of the broker and their topics.' },
} satisfies Record<string, FlagSpec>;

const anyPort = { min: 0, max: 65_535 };

/** Reads the flags above. @throws CliError, with every problem of the users file */
export async function readBrokerFlags(flags: Flags) {
  return {
    httpPort: flags.integer('port', anyPort) ?? 8080,
    mqttPort: flags.integer('mqtt-port', anyPort) ?? 1883,
    lan: flags.has('lan'),
    users: await loadUsers(flags.text('broker-users')),
    pageDir,
  };
}

async function loadUsers(file: string | undefined): Promise<User[]> {
  if (file === undefined) return [];
  const loaded = await loadUsersFile(file);
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.problems.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`);
  throw new CliError(exitCode.usage, [`The users file ${file} cannot be used:`, ...problems].join('\n'));
}

export const brokerCommand: CliCommand = {
  name: 'broker',
  usage: '[--port PORT] [--mqtt-port PORT] [--lan] [--broker-users FILE]',
  title: 'Runs the broker and the page alone, for agents on other machines.',
  positionals: [0, 0],
  flags: {
    ...brokerFlags,
    'hash-password': {
      type: 'boolean',
      help: 'Read a password from standard input and print its hash for the users file.',
    },
  },
  async run({ flags, signal }: CommandInput) {
    if (flags.has('hash-password')) {
      console.log(await hashPassword((await readStandardInput()).replace(/\r?\n$/, '')));
      return exitCode.done;
    }
    const logger = buildLogger({ level: 'info', format: 'text' });
    const broker = new Broker({ ...(await readBrokerFlags(flags)), logger });
    const { httpPort, mqttPort } = await broker.start();
    console.log(
      `page http://127.0.0.1:${httpPort}/   MQTT ${mqttPort}   MQTT over WebSocket ws://127.0.0.1:${httpPort}/mqtt`,
    );
    await untilAborted(signal);
    await broker.stop();
    return exitCode.done;
  },
};
