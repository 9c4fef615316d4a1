import { z } from 'zod';
import { type Role, roles } from '../../protocol/roles.ts';

/** What a viewer may use beside the picture. */
export interface Rights {
  audio: boolean;
  talk: boolean;
  recordings: boolean;
}

/** Who may come in, as it is written to disk and listed for people. */
export const grantRecordSchema = z.object({
  viewerId: z.string().regex(/^[0-9a-f]{32}$/),
  role: z.enum(roles),
  label: z.string(),
  rights: z.object({ audio: z.boolean(), talk: z.boolean(), recordings: z.boolean() }),
  /** Id of the invite that the role came with. */
  invitedBy: z.string(),
  /** Wall clock, for people only. */
  createdAtMs: z.number(),
  /** Time left when this record was made; null: for ever. */
  expiresInMs: z.number().nullable(),
});
export type GrantRecord = z.infer<typeof grantRecordSchema>;

export const inviteRecordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** SHA-256 of the token in hex. The token itself is known only to whoever has the link. */
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
  role: z.enum(roles),
  label: z.string().optional(),
  usesLeft: z.union([z.int().min(1), z.literal('many')]),
  /** How long the grants that it gives last; null: for ever. */
  grantTtlMs: z.number().nullable(),
  createdAtMs: z.number(),
  expiresInMs: z.number().nullable(),
});
export type InviteRecord = z.infer<typeof inviteRecordSchema>;

export const accessFileSchema = z.object({
  version: z.literal(1),
  /** Wall clock, to know how much of the time left has passed while the agent was not running. */
  savedAtMs: z.number(),
  grants: z.array(grantRecordSchema),
  invites: z.array(inviteRecordSchema),
});
export type AccessFile = z.infer<typeof accessFileSchema>;

/** A record in memory: its end on the monotonic clock, because the wall clock of a device jumps. */
export type Timed<Record extends { expiresInMs: number | null }> = Omit<Record, 'expiresInMs'> & {
  expiresAtMs: number | null;
};

export function toRecord<Item extends { expiresAtMs: number | null }>(
  item: Item,
  nowMs: number,
): Omit<Item, 'expiresAtMs'> & { expiresInMs: number | null } {
  const { expiresAtMs, ...rest } = item;
  return { ...rest, expiresInMs: expiresAtMs === null ? null : expiresAtMs - nowMs };
}

/** @param elapsedMs what has passed since the record was made */
export function fromRecord<Record extends { expiresInMs: number | null }>(
  record: Record,
  nowMs: number,
  elapsedMs: number,
): Timed<Record> {
  const { expiresInMs, ...rest } = record;
  return { ...rest, expiresAtMs: expiresInMs === null ? null : nowMs + expiresInMs - elapsedMs };
}

/** What comes with a role: sound for all, the microphone for who operates the device, the past for its owner. */
export function rightsOf(role: Role): Rights {
  return { audio: true, talk: role !== 'view', recordings: role === 'admin' };
}
