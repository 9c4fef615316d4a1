import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { callLocalAgent } from '../../agent/commands/local-client.ts';
import { localSocketPath } from '../../agent/commands/local-socket-path.ts';
import { RpcError } from '../../protocol/rpc.ts';
import { configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { callOwnAgent } from '../local-agent.ts';

const outcomeSchema = z.object({ applied: z.array(z.string()), waiting: z.array(z.string()) });

export const reloadCommand: CliCommand = {
  name: 'reload',
  usage: '[--config FILE] [--state DIR]',
  title:
    'Makes the agent that runs here read its configuration again. Fails, and changes nothing, where that is wrong.',
  positionals: [0, 0],
  flags: configFlags,
  async run(input: CommandInput) {
    const { applied, waiting } = outcomeSchema.parse(await askAgent(input).catch(explain));
    for (const setting of applied) console.log(`${setting}: applied`);
    for (const setting of waiting) console.log(`${setting}: takes a restart`);
    if (applied.length + waiting.length === 0) console.log('Nothing has changed.');
    return exitCode.done;
  },
};

/** Looks for the agent where it must be before asking the configuration, which names its socket, and may be wrong by now. */
function askAgent(input: CommandInput): Promise<unknown> {
  const state = input.flags.text('state');
  const folders = [input.env.RUNTIME_DIRECTORY, state === undefined ? undefined : join(state, 'run')];
  const path = folders.flatMap((folder) => (folder ? [localSocketPath(folder)] : [])).find(existsSync);
  return path === undefined ? callOwnAgent(input, 'device.reload', {}) : callLocalAgent(path, 'device.reload');
}

function explain(error: unknown): never {
  if (error instanceof RpcError && error.code === 'unavailable') throw new CliError(exitCode.failed, error.message);
  throw error;
}
