import { Agent } from '../../agent/agent.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { findStaleCredentials } from '../../agent/config/stale-credentials.ts';
import { agentFlags, readAgentConfig } from '../agent-config.ts';
import { buildAgentLogger } from '../agent-logger.ts';
import { buildServiceNotifier } from '../agent-service.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import { announceFirstLink } from '../first-link.ts';
import { untilAborted } from '../until-aborted.ts';
import { version } from '../version.ts';

export const agentCommand: CliCommand = {
  name: 'agent',
  usage: '[--config FILE] [--state DIR] [--camera SOURCE]',
  title:
    'Runs the device daemon against the broker of its configuration. SIGHUP makes it read the configuration again.',
  positionals: [0, 0],
  flags: agentFlags,
  async run(input: CommandInput) {
    const config = await readAgentConfig(input);
    const logger = buildAgentLogger(config, input.env);
    const readConfig = async () => {
      const wanted = await readAgentConfig(input);
      logger.setLevel(wanted.log.level);
      return wanted;
    };
    const findStaleSettings = (wanted: AgentConfig) => findStaleCredentials(wanted, input.env);
    const searchPath = input.env.PATH ?? '';
    const agent = new Agent({ config, version, logger, searchPath, readConfig, findStaleSettings });
    const notifier = buildServiceNotifier(agent, input.env, logger);
    // A signal has no answer: what is wrong with the configuration is in the log by then.
    const reload = async () => {
      await agent.reload().catch(() => {});
    };
    // Heard from the beginning: whoever changes the configuration while the agent starts must not end it.
    const started = agent.start();
    let reloads: Promise<unknown> = started.catch(() => {});
    input.onHangup(() => {
      reloads = reloads.then(() => (notifier ? notifier.reload(reload) : reload()));
    });
    try {
      await started;
      notifier?.start();
      await announceFirstLink(agent, logger);
      await untilAborted(input.signal);
    } finally {
      notifier?.stop();
      await agent.stop();
    }
    return exitCode.done;
  },
};
