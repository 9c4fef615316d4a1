import { Agent } from '../../agent/agent.ts';
import { agentFlags, readAgentConfig } from '../agent-config.ts';
import { buildAgentLogger } from '../agent-logger.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import { untilAborted } from '../until-aborted.ts';
import { version } from '../version.ts';

export const agentCommand: CliCommand = {
  name: 'agent',
  usage: '[--config FILE] [--state DIR] [--camera SOURCE]',
  title: 'Runs the device daemon against the broker of its configuration.',
  positionals: [0, 0],
  flags: agentFlags,
  async run(input: CommandInput) {
    const config = await readAgentConfig(input);
    const agent = new Agent({ config, version, logger: buildAgentLogger(config), searchPath: input.env.PATH ?? '' });
    try {
      await agent.start();
      await untilAborted(input.signal);
    } finally {
      await agent.stop();
    }
    return exitCode.done;
  },
};
