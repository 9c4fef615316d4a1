import { type CliCommand, formatCommandHelp, formatHelp, parseCommandLine } from './command-line.ts';
import { agentCommand } from './commands/agent.ts';
import { brokerCommand } from './commands/broker.ts';
import { callCommand } from './commands/call.ts';
import { inviteCommand } from './commands/invite.ts';
import { revokeCommand } from './commands/revoke.ts';
import { upCommand } from './commands/up.ts';
import { viewCommand } from './commands/view.ts';
import { viewersCommand } from './commands/viewers.ts';
import { describeError } from './describe-error.ts';
import { exitCode } from './exit-code.ts';
import { version } from './version.ts';

const commands = new Map(
  [upCommand, agentCommand, brokerCommand, inviteCommand, viewersCommand, revokeCommand, viewCommand, callCommand].map(
    (command): [string, CliCommand] => [command.name, command],
  ),
);

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') {
    console.log(version);
    return exitCode.done;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(formatHelp(commands.values()));
    return name === undefined ? exitCode.usage : exitCode.done;
  }
  const command = commands.get(name);
  if (!command) {
    console.error(`There is no command "${name}". "porthole --help" lists what there is.`);
    return exitCode.usage;
  }
  const { words, flags, help } = parseCommandLine(command, rest);
  if (help) {
    console.log(formatCommandHelp(command));
    return exitCode.done;
  }
  return command.run({ words, flags, env: process.env, signal: abortOnSignals() });
}

/** The first Ctrl-C or SIGTERM asks the command to end; a second one ends the process at once. */
function abortOnSignals(): AbortSignal {
  const aborter = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (aborter.signal.aborted) process.exit(exitCode.failed);
      aborter.abort();
    });
  }
  return aborter.signal;
}

try {
  // The native library's threads keep the event loop alive, so the end has to be said.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  const { message, code } = describeError(error);
  console.error(message);
  process.exit(code);
}
