import { RpcError } from '../../protocol/rpc.ts';
import { type DeviceStatus, deviceStatusSchema } from '../commands/builtin/device-commands.ts';
import { callLocalAgent, LocalClientError } from '../commands/local-client.ts';
import { isSocketHidden, localSocketPath } from '../commands/local-socket-path.ts';
import { adviseNoCamera } from './device-access.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const timeoutMs = 1_000;

export interface AgentPresence {
  /** Null where that is not for this user to see. */
  isRunning: boolean | null;
  /** What it says of itself; null when it does not, or not to this user. */
  status: DeviceStatus | null;
  finding: Finding;
}

const hiddenAgent: AgentPresence = {
  isRunning: null,
  status: null,
  finding: warning(
    'agent',
    'Whether an agent runs here is not for this user to see.',
    'Run this command with sudo to learn it.',
  ),
};

/**
 * Whether an agent runs on this machine, asked through its local socket.
 *
 * @param runtimeDirs where its socket may be: that of the configuration, that of the service
 */
export async function checkAgent(runtimeDirs: readonly string[]): Promise<AgentPresence> {
  const answers = (await Promise.all(runtimeDirs.map(askAgent))).filter((answer) => answer !== null);
  return (
    answers.find(({ isRunning }) => isRunning) ??
    answers[0] ?? {
      isRunning: false,
      status: null,
      finding: warning(
        'agent',
        'No agent runs here, so nobody can see this device.',
        'Start it: "sudo systemctl start porthole" where it is a service, else "porthole agent".',
      ),
    }
  );
}

/** The cameras as the running agent knows them. */
export function describeCameras({ cameras }: DeviceStatus): Finding[] {
  return cameras.map(({ id, name, state, reason }) => {
    const because = reason ? `: ${reason}` : '';
    const details = { id, state, reason };
    switch (state) {
      case 'missing':
        return failed(
          'camera',
          `${name} is missing${because}.`,
          'Plug it in, or correct its source; the agent takes it up by itself.',
          { ...details, fault: 'missing' },
        );
      case 'restarting':
        return warning('camera', `${name} is being started again${because}.`, 'Look at the log of the agent.', details);
      default:
        // Of a camera that works it says that it is only a stand-in.
        return reason !== undefined
          ? warning('camera', `${name} is what viewers see${because}.`, adviseNoCamera, details)
          : ok('camera', `${name} is left to the agent that runs here (${state}).`, details);
    }
  });
}

/** @returns null when nobody is there */
async function askAgent(runtimeDir: string): Promise<AgentPresence | null> {
  const socketPath = localSocketPath(runtimeDir);
  if (isSocketHidden(socketPath)) return hiddenAgent;
  try {
    const answer = await callLocalAgent(socketPath, 'device.status', {}, timeoutMs);
    const status = deviceStatusSchema.safeParse(answer);
    return status.success ? describeStatus(status.data) : describeOtherVersion();
  } catch (error) {
    return error instanceof RpcError ? describeOtherVersion() : describeSilence(error);
  }
}

function describeStatus(status: DeviceStatus): AgentPresence {
  const { name, version, broker, viewers } = status;
  const details = { version, broker: broker.url, viewers };
  const watching = viewers === 1 ? '1 viewer' : `${viewers || 'no'} viewers`;
  return {
    isRunning: true,
    status,
    finding: broker.online
      ? ok('agent', `The agent runs as "${name}", online at ${broker.url}, with ${watching}.`, details)
      : failed(
          'agent',
          `The agent runs, but is not online at ${broker.url}: ${broker.reason ?? 'no reason known'}.`,
          'Correct what is found of the broker; the agent tries again by itself.',
          details,
        ),
  };
}

function describeOtherVersion(): AgentPresence {
  const message = 'An agent of another version runs here.';
  const advice = 'Restart it, so that it is the one that is installed: "sudo systemctl restart porthole".';
  return { isRunning: true, status: null, finding: warning('agent', message, advice) };
}

function describeSilence(error: unknown): AgentPresence | null {
  const code = error instanceof LocalClientError ? error.code : undefined;
  if (code === 'not-running') return null;
  if (code === 'no-permission') {
    const message = 'An agent of another user runs here.';
    const finding = warning('agent', message, 'Run this command with sudo to learn more.');
    return { isRunning: true, status: null, finding };
  }
  const message = 'An agent runs here, but does not answer.';
  const advice = 'Look at its log ("journalctl -u porthole -n 50"), then restart it.';
  return { isRunning: true, status: null, finding: failed('agent', message, advice, { code }) };
}
