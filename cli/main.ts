import { setFlagsFromString } from 'node:v8';
import { type CliCommand, formatCommandHelp, formatHelp, parseCommandLine } from './command-line.ts';
import { describeError } from './describe-error.ts';
import { exitCode } from './exit-code.ts';
import { version } from './version.ts';

/** Each is loaded when it is called: a device that runs the agent for months needs no broker and no QR codes in its memory. */
const commands = new Map<string, () => Promise<CliCommand>>([
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['agent', async () => (await import('./commands/agent.ts')).agentCommand],
  ['broker', async () => (await import('./commands/broker.ts')).brokerCommand],
  ['invite', async () => (await import('./commands/invite.ts')).inviteCommand],
  ['viewers', async () => (await import('./commands/viewers.ts')).viewersCommand],
  ['revoke', async () => (await import('./commands/revoke.ts')).revokeCommand],
  ['view', async () => (await import('./commands/view.ts')).viewCommand],
  ['call', async () => (await import('./commands/call.ts')).callCommand],
]);

// Young objects get a fixed megabyte instead of one that grows to 16 and is never given back: a device that serves video makes
// little garbage, and has better uses for the memory.
setFlagsFromString('--semi-space-growth-factor=1');

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') {
    console.log(version);
    return exitCode.done;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(formatHelp(await Promise.all([...commands.values()].map((load) => load()))));
    return name === undefined ? exitCode.usage : exitCode.done;
  }
  const command = await commands.get(name)?.();
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
