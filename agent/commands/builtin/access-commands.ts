import { z } from 'zod';
import { limits } from '../../../protocol/limits.ts';
import type { Result } from '../../../protocol/result.ts';
import { type Role, roles } from '../../../protocol/roles.ts';
import { RpcError } from '../../../protocol/rpc.ts';
import { type Command, defineCommand } from '../command.ts';

const minuteMs = 60_000;
const ttlMaxMinutes = 366 * 24 * 60;
const listMaxCount = 1024;

const grantSchema = z.object({
  viewerId: z.string(),
  role: z.enum(roles),
  label: z.string(),
  rights: z.object({ audio: z.boolean(), talk: z.boolean(), recordings: z.boolean() }),
  invitedBy: z.string(),
  createdAtMs: z.number(),
  expiresInMs: z.number().nullable(),
});

const inviteSchema = z.object({
  id: z.string(),
  role: z.enum(roles),
  label: z.string().optional(),
  usesLeft: z.union([z.number(), z.literal('many')]),
  createdAtMs: z.number(),
  expiresInMs: z.number().nullable(),
});

/** Who may come in. All that changes something is rejected with an error of code `not-saved` when the disk refuses it. */
export interface AccessControl {
  createInvite(options: {
    role: Role;
    ttlMs: number | null;
    uses: number | 'many';
    label?: string;
  }): Promise<Result<{ id: string; token: string }, 'too-many-invites'>>;
  list(): { grants: z.input<typeof grantSchema>[]; invites: z.input<typeof inviteSchema>[] };
  revokeViewer(idOrPrefix: string): Promise<Result<string, 'not-found' | 'ambiguous'>>;
  revokeInvite(id: string): Promise<Result<string[], 'not-found'>>;
}

export interface AccessPorts {
  access: AccessControl;
  /** The link that carries this invite token. */
  buildLink(token: string): string;
}

export function buildAccessCommands(ports: AccessPorts): Command[] {
  return [buildInvite(ports), buildList(ports), buildRevoke(ports)];
}

function buildInvite({ access, buildLink }: AccessPorts): Command {
  return defineCommand({
    name: 'access.invite',
    title: 'Make a link that lets somebody in',
    role: 'admin',
    params: z.strictObject({
      role: z.enum(roles).default('view').describe('What whoever follows the link may do'),
      ttlMinutes: z
        .number()
        .positive()
        .max(ttlMaxMinutes)
        .nullable()
        .default(limits.inviteTtlMs / minuteMs)
        .describe('How long the link works, in minutes; null: until it is revoked'),
      uses: z
        .union([z.int().min(1).max(1000), z.literal('many')])
        .default(1)
        .describe('How many viewers may come in with it'),
      label: z.string().trim().min(1).max(limits.nameMaxLength).optional().describe('What such viewers are called'),
    }),
    result: z.object({ id: z.string(), link: z.string(), role: z.enum(roles), expiresInMs: z.number().nullable() }),
    async run({ role, ttlMinutes, uses, label }) {
      const ttlMs = ttlMinutes === null ? null : ttlMinutes * minuteMs;
      const created = await saved(access.createInvite({ role, ttlMs, uses, label }));
      if (!created.ok) throw new RpcError('unavailable', 'There are too many invites; revoke some first');
      return { id: created.value.id, link: buildLink(created.value.token), role, expiresInMs: ttlMs };
    },
  });
}

function buildList({ access }: AccessPorts): Command {
  return defineCommand({
    name: 'access.list',
    title: 'Who may come in, and which invites are open',
    role: 'admin',
    params: z.strictObject({
      offset: z
        .int()
        .min(0)
        .default(0)
        .describe('How many of each list to leave out, where all do not fit in an answer'),
      limit: z.int().min(1).max(listMaxCount).default(listMaxCount).describe('How many of each list to give'),
    }),
    result: z.object({
      grants: z.array(grantSchema),
      invites: z.array(inviteSchema),
      grantsTotal: z.number(),
      invitesTotal: z.number(),
    }),
    run({ offset, limit }) {
      const { grants, invites } = access.list();
      return {
        grants: grants.slice(offset, offset + limit),
        invites: invites.slice(offset, offset + limit),
        grantsTotal: grants.length,
        invitesTotal: invites.length,
      };
    },
  });
}

function buildRevoke({ access }: AccessPorts): Command {
  return defineCommand({
    name: 'access.revoke',
    title: 'Take access away from a viewer, or from all who came by an invite',
    role: 'admin',
    params: z
      .strictObject({
        viewer: z.string().min(1).max(64).optional().describe('Viewer id, or its first digits (4 or more)'),
        invite: z.string().min(1).max(64).optional().describe('Invite id'),
      })
      .refine(({ viewer, invite }) => (viewer === undefined) !== (invite === undefined), 'name a viewer or an invite'),
    result: z.object({ viewers: z.array(z.string()).describe('Ids of those who lost their access') }),
    async run({ viewer, invite }) {
      if (invite === undefined) return { viewers: [await revokeViewer(access, viewer ?? '')] };
      const revoked = await saved(access.revokeInvite(invite));
      if (!revoked.ok) throw new RpcError('not-found', `There is no invite ${invite}, nor anybody who came by it`);
      return { viewers: revoked.value };
    },
  });
}

async function revokeViewer(access: AccessControl, viewer: string): Promise<string> {
  const revoked = await saved(access.revokeViewer(viewer));
  if (revoked.ok) return revoked.value;
  if (revoked.error === 'not-found') throw new RpcError('not-found', `There is no viewer ${viewer}`);
  throw new RpcError('invalid-params', `Several viewers begin with ${viewer}; give more digits`);
}

async function saved<Value>(change: Promise<Value>): Promise<Value> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'not-saved')) throw error;
    throw new RpcError('unavailable', 'The device cannot write to its disk: this is done, but lost when it restarts');
  }
}
