import { setFlagsFromString } from 'node:v8';
import { formatCommandHelp, formatHelp, parseCommandLine } from './command-line.ts';
import { commandLoaders, loadCommands } from './command-list.ts';
import { describeError } from './describe-error.ts';
import { exitCode } from './exit-code.ts';
import { hideCredentials } from './hide-credentials.ts';
import { buildJournalError, isJournal } from './journal.ts';
import { version } from './version.ts';

// Young objects get a fixed megabyte instead of one that grows to 16 and is never given back: a device that serves video makes
// little garbage, and has better uses for the memory.
setFlagsFromString('--semi-space-growth-factor=1');

async function main(args: string[]): Promise<number> {
  hideCredentials(args);
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') {
    console.log(version);
    return exitCode.done;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(formatHelp(await loadCommands()));
    return name === undefined ? exitCode.usage : exitCode.done;
  }
  const command = await commandLoaders.get(name)?.();
  if (!command) {
    const { nearestName } = await import('../agent/config/nearest-setting.ts');
    const nearest = nearestName(name, [...commandLoaders.keys(), 'help']);
    const suggestion = nearest === null ? '' : ` Did you mean "${nearest}"?`;
    console.error(`There is no command "${name}".${suggestion} "porthole --help" lists what there is.`);
    return exitCode.usage;
  }
  const { words, flags, help } = parseCommandLine(command, rest);
  if (help) {
    console.log(formatCommandHelp(command));
    return exitCode.done;
  }
  return command.run({ words, flags, env: process.env, signal: abortOnSignals(), onHangup });
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

/** Without a listener a hangup ends the process, as for every program whose terminal is closed. */
function onHangup(listener: () => void): void {
  process.on('SIGHUP', listener);
}

try {
  // The native library's threads keep the event loop alive, so the end has to be said.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  const { message, code } = describeError(error);
  console.error(isJournal(process.env.JOURNAL_STREAM) ? buildJournalError(message) : message);
  process.exit(code);
}
