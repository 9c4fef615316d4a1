import { z } from 'zod';
import { configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import { callOwnAgent } from '../local-agent.ts';

const statusSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  version: z.string(),
  uptimeSeconds: z.number(),
  broker: z.object({ url: z.string(), online: z.boolean(), reason: z.string().optional() }),
  viewers: z.number(),
  cameras: z.array(z.object({ id: z.string(), name: z.string(), state: z.string(), reason: z.string().optional() })),
});
export type AgentStatus = z.infer<typeof statusSchema>;

export const statusCommand: CliCommand = {
  name: 'status',
  usage: '[--json]',
  title: 'Shows how the agent that runs here is doing: broker, viewers, cameras.',
  positionals: [0, 0],
  flags: { json: { type: 'boolean', help: 'Print JSON.' }, ...configFlags },
  async run(input: CommandInput) {
    const status = statusSchema.parse(await callOwnAgent(input, 'device.status', {}));
    console.log(input.flags.has('json') ? JSON.stringify(status) : formatStatus(status));
    return exitCode.done;
  },
};

/** One screen for people. */
export function formatStatus(status: AgentStatus): string {
  const { deviceId, name, version, uptimeSeconds, broker, viewers, cameras } = status;
  const rows: [string, string][] = [
    ['Device', `${name}, ${deviceId}`],
    ['Agent', `version ${version}, up ${formatDuration(uptimeSeconds)}`],
    ['Broker', `${broker.url}, ${broker.online ? 'online' : `offline: ${broker.reason}`}`],
    ['Viewers', viewers === 0 ? 'none' : String(viewers)],
    ...cameras.map(({ id, name: label, state, reason }, index): [string, string] => [
      index === 0 ? 'Cameras' : '',
      `${id === label ? id : `${id} (${label})`}: ${[state, reason].filter(Boolean).join(', ')}`,
    ]),
  ];
  return rows.map(([left, right]) => `${left.padEnd(8)}  ${right}`).join('\n');
}

/** `3 d 4 h`, `12 min 5 s`: the two largest units that are not zero. */
function formatDuration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
