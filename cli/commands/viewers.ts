import { z } from 'zod';
import { configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { exitCode } from '../exit-code.ts';
import { callOwnAgent } from '../local-agent.ts';

const listSchema = z.object({
  grants: z.array(z.looseObject({ viewerId: z.string(), role: z.string(), label: z.string().optional() })),
  invites: z.array(z.looseObject({ id: z.string(), role: z.string(), label: z.string().optional() })),
});

export const viewersCommand: CliCommand = {
  name: 'viewers',
  usage: '[--json]',
  title: 'Lists who is paired with the agent that runs here, and the open invites.',
  positionals: [0, 0],
  flags: { json: { type: 'boolean', help: 'Print JSON.' }, ...configFlags },
  async run(input: CommandInput) {
    const result = await callOwnAgent(input, 'access.list', {});
    if (input.flags.has('json')) {
      console.log(JSON.stringify(result));
      return exitCode.done;
    }
    const { grants, invites } = listSchema.parse(result);
    console.log(grants.length > 0 ? 'Viewers' : 'No viewer is paired yet. "porthole invite" makes a link.');
    for (const grant of grants) console.log(formatRow(grant.viewerId, grant.role, grant.label));
    if (invites.length > 0) console.log('Open invites');
    for (const invite of invites) console.log(formatRow(invite.id, invite.role, invite.label));
    return exitCode.done;
  },
};

function formatRow(id: string, role: string, label: string | undefined): string {
  return `  ${id}  ${role.padEnd(7)}  ${label ?? ''}`.trimEnd();
}
