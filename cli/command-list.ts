import type { CliCommand } from './command-line.ts';

/** Each is loaded when it is called: a device that runs the agent for months needs no broker and no QR codes in its memory. */
export const commandLoaders: ReadonlyMap<string, () => Promise<CliCommand>> = new Map([
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['agent', async () => (await import('./commands/agent.ts')).agentCommand],
  ['broker', async () => (await import('./commands/broker.ts')).brokerCommand],
  ['service', async () => (await import('./commands/service.ts')).serviceCommand],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctorCommand],
  ['id', async () => (await import('./commands/id.ts')).idCommand],
  ['setup', async () => (await import('./commands/setup.ts')).setupCommand],
  ['status', async () => (await import('./commands/status.ts')).statusCommand],
  ['reload', async () => (await import('./commands/reload.ts')).reloadCommand],
  ['invite', async () => (await import('./commands/invite.ts')).inviteCommand],
  ['viewers', async () => (await import('./commands/viewers.ts')).viewersCommand],
  ['revoke', async () => (await import('./commands/revoke.ts')).revokeCommand],
  ['view', async () => (await import('./commands/view.ts')).viewCommand],
  ['call', async () => (await import('./commands/call.ts')).callCommand],
]);

/** All commands, in the order of the help. */
export function loadCommands(): Promise<CliCommand[]> {
  return Promise.all([...commandLoaders.values()].map((load) => load()));
}
