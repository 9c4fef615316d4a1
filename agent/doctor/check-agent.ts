import { callLocalAgent, LocalClientError } from '../commands/local-client.ts';
import { localSocketPath } from '../commands/local-socket-path.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const timeoutMs = 1_000;

export interface AgentPresence {
  isRunning: boolean;
  finding: Finding;
}

/**
 * Whether an agent runs on this machine, asked through its local socket.
 *
 * @param runtimeDirs where its socket may be: that of the configuration, that of the service
 */
export async function checkAgent(runtimeDirs: readonly string[]): Promise<AgentPresence> {
  const answers = await Promise.all(runtimeDirs.map(askAgent));
  return (
    answers.find((answer) => answer !== null) ?? {
      isRunning: false,
      finding: warning(
        'agent',
        'No agent runs here, so nobody can see this device.',
        'Start it: "sudo systemctl start porthole" where it is a service, else "porthole agent".',
      ),
    }
  );
}

/** @returns null when nobody is there */
async function askAgent(runtimeDir: string): Promise<AgentPresence | null> {
  try {
    await callLocalAgent(localSocketPath(runtimeDir), 'device.ping', {}, timeoutMs);
    return { isRunning: true, finding: ok('agent', 'An agent runs here, and answers.') };
  } catch (error) {
    const code = error instanceof LocalClientError ? error.code : undefined;
    if (code === 'not-running') return null;
    if (code === 'no-permission') {
      const message = 'An agent of another user runs here.';
      return { isRunning: true, finding: warning('agent', message, 'Run this command with sudo to learn more.') };
    }
    const message = 'An agent runs here, but does not answer.';
    const advice = 'Look at its log ("journalctl -u porthole -n 50"), then restart it.';
    return { isRunning: true, finding: failed('agent', message, advice, { code }) };
  }
}
