import { RpcError } from '../../protocol/rpc.ts';
import { isDeviceId } from '../../protocol/topics.ts';
import { configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { callOwnAgent } from '../local-agent.ts';

export const revokeCommand: CliCommand = {
  name: 'revoke',
  usage: 'VIEWER|INVITE',
  title: 'Takes a viewer, or an invite with all viewers that came by it, off the list and ends their sessions.',
  positionals: [1, 1],
  flags: configFlags,
  async run(input: CommandInput) {
    const id = input.words[0] ?? '';
    if (await revoke(input, { viewer: id })) console.log(`Viewer ${id} is out.`);
    else if (!isDeviceId(id) && (await revoke(input, { invite: id })))
      console.log(`Invite ${id} and its viewers are out.`);
    else
      throw new CliError(
        exitCode.failed,
        `Neither a viewer nor an invite is called ${id}. "porthole viewers" lists them.`,
      );
    return exitCode.done;
  },
};

async function revoke(input: CommandInput, target: { viewer: string } | { invite: string }): Promise<boolean> {
  try {
    await callOwnAgent(input, 'access.revoke', target);
    return true;
  } catch (error) {
    if (error instanceof RpcError && error.code === 'not-found') return false;
    throw error;
  }
}
