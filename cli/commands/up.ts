import { randomBytes } from 'node:crypto';
import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { Agent } from '../../agent/agent.ts';
import { Broker } from '../../broker/broker.ts';
import { deriveId } from '../../protocol/identity.ts';
import { agentFlags, findClosedServiceFile, readAgentConfig } from '../agent-config.ts';
import { buildAgentLogger } from '../agent-logger.ts';
import type { CliCommand, CommandInput, Flags } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { findLanAddress, parseHost } from '../lan-address.ts';
import { renderQrCode } from '../qr-code.ts';
import { untilAborted } from '../until-aborted.ts';
import { version } from '../version.ts';
import { brokerFlags, readBrokerFlags } from './broker.ts';

const agentUsername = 'porthole-agent';
/** The link of this command serves all browsers of its owner while it runs, and a day at most if it is killed. */
const linkTtlMs = 24 * 60 * 60 * 1000;

export const upCommand: CliCommand = {
  name: 'up',
  usage: '[--camera SOURCE] [--port PORT] [--lan [--host ADDRESS]] [--json]',
  title: 'Runs broker, page and agent on this machine and prints the link.',
  positionals: [0, 0],
  flags: {
    ...agentFlags,
    ...brokerFlags,
    host: {
      type: 'string',
      value: 'ADDRESS',
      help: 'Address or name of this machine in the link of --lan. Default: the one it goes online with.',
    },
    json: { type: 'boolean', help: 'Print one JSON line in place of the text.' },
  },
  async run(input: CommandInput) {
    // The paths to viewers are on this machine or its own network, so nobody outside is asked for addresses.
    const closedFile = await findClosedServiceFile(input);
    const config = await readAgentConfig(input, { ice: { lanOnly: true } }, closedFile);
    const logger = buildAgentLogger(config, input.env);
    if (closedFile !== null)
      logger.info({ file: closedFile }, 'the settings of the service are not for this user: going without');
    const keys = await loadDeviceKeys(config.stateDir);
    const deviceId = deriveId(keys.publicKey);
    const brokerOptions = await readBrokerFlags(input.flags);
    const host = await readHost(input.flags);
    const password = randomBytes(24).toString('base64url');
    const broker = new Broker({
      ...brokerOptions,
      topicPrefix: config.broker.topicPrefix,
      agentCredentials: { username: agentUsername, password, deviceId },
      logger,
    });
    let agent: Agent | null = null;
    try {
      const { httpPort, mqttPort } = await broker.start();
      const pageUrl = `http://${host}:${httpPort}/`;
      const brokerUrl = `ws://${host}:${httpPort}/mqtt`;
      agent = new Agent({
        config: {
          ...config,
          broker: { ...config.broker, url: `mqtt://127.0.0.1:${mqttPort}`, username: agentUsername, password },
          links: { pageUrl, brokerUrl },
        },
        version,
        logger,
        searchPath: input.env.PATH ?? '',
      });
      await agent.start();
      await untilReady(agent, input.signal);
      if (input.signal.aborted) return exitCode.done;
      const { id, link } = await agent.createLink({ role: 'control', uses: 'many', ttlMs: linkTtlMs });
      const facts = { link, page: pageUrl, broker: brokerUrl, deviceId, statePath: config.stateDir };
      console.log(input.flags.has('json') ? JSON.stringify(facts) : await describe(facts, agent));
      await untilAborted(input.signal);
      await agent.endLink(id);
    } finally {
      await agent?.stop();
      await broker.stop();
    }
    return exitCode.done;
  },
};

/** Resolves when there is something to show, or when the signal is aborted. @throws FfmpegError when there is nothing */
async function untilReady(agent: Agent, signal: AbortSignal): Promise<void> {
  try {
    // Somebody sits here who can install what is missing.
    await agent.untilEncoderFound(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await agent.untilOnline(signal);
}

/** Where browsers find this machine. */
async function readHost(flags: Flags): Promise<string> {
  const given = flags.text('host');
  if (given !== undefined && !flags.has('lan')) throw new CliError(exitCode.usage, '--host needs --lan beside it.');
  if (given !== undefined) return parseHost(given);
  return flags.has('lan') ? findLanAddress() : '127.0.0.1';
}

/** Where --lan is not given. */
const loopbackPage = 'http://127.0.0.1:';

async function describe(
  facts: { link: string; page: string; broker: string; statePath: string },
  agent: Agent,
): Promise<string> {
  const cameras = agent.cameras.map((camera) => camera.name).join(', ');
  return [
    `Open this link in a browser: ${facts.link}`,
    '',
    await renderQrCode(facts.link),
    ...(facts.page.startsWith(loopbackPage)
      ? ['The link works on this machine alone; --lan makes one for phones and other computers.']
      : []),
    `Camera: ${cameras}. Broker: ${facts.broker}. State: ${facts.statePath}.`,
    'Whoever has the link can see and operate this device while this command runs. Ctrl-C ends it.',
  ].join('\n');
}
