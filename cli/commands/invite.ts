import { z } from 'zod';
import { roles } from '../../protocol/roles.ts';
import { configFlags } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { callOwnAgent } from '../local-agent.ts';
import { renderQrCode } from '../qr-code.ts';

const inviteSchema = z.object({ id: z.string(), link: z.string(), role: z.string() });

export const inviteCommand: CliCommand = {
  name: 'invite',
  usage: '[--role ROLE] [--ttl MINUTES] [--uses N|many]',
  title: 'Prints a link that pairs a browser with the agent that runs here.',
  positionals: [0, 0],
  flags: {
    role: { type: 'string', value: 'ROLE', help: 'view, control or admin. Default view.' },
    ttl: { type: 'string', value: 'MINUTES', help: 'How long the link can be used. Default 10.' },
    uses: { type: 'string', value: 'N|many', help: 'How many browsers it pairs. Default 1.' },
    label: { type: 'string', value: 'TEXT', help: 'What the invite is called in the lists.' },
    json: { type: 'boolean', help: 'Print JSON.' },
    ...configFlags,
  },
  async run(input: CommandInput) {
    const { flags } = input;
    const role = flags.text('role') ?? 'view';
    if (!roles.some((known) => known === role)) {
      throw new CliError(exitCode.usage, `--role takes ${roles.join(', ')}, not "${role}".`);
    }
    const uses = flags.text('uses') === 'many' ? 'many' : (flags.integer('uses', { min: 1, max: 1000 }) ?? 1);
    const ttlMinutes = flags.integer('ttl', { min: 1, max: 525_600 }) ?? 10;
    const result = await callOwnAgent(input, 'access.invite', { role, uses, ttlMinutes, label: flags.text('label') });
    const invite = inviteSchema.parse(result);
    if (flags.has('json')) console.log(JSON.stringify(invite));
    else {
      console.log(`${invite.link}\n`);
      console.log(await renderQrCode(invite.link));
      const times = uses === 'many' ? 'any number of browsers' : `${uses} browser${uses === 1 ? '' : 's'}`;
      console.log(
        `Pairs ${times} as "${invite.role}" within ${ttlMinutes} minutes. Withdraw it: porthole revoke ${invite.id}`,
      );
    }
    return exitCode.done;
  },
};
