import { createHash, randomBytes } from 'node:crypto';
import { encodeRandomId, randomIdLengthBytes } from '../../protocol/messages.ts';
import { failure, type Result, success } from '../../protocol/result.ts';
import { type Role, roleAllows } from '../../protocol/roles.ts';
import {
  type AccessFile,
  fromRecord,
  type GrantRecord,
  type InviteRecord,
  rightsOf,
  type Timed,
  toRecord,
} from './access-records.ts';

/** Who may come in. `expiresAtMs` is on the monotonic clock. Never modified: an upgrade makes a new one. */
export type Grant = Readonly<Timed<GrantRecord>>;
type Invite = Timed<InviteRecord>;

export interface InviteOptions {
  role: Role;
  /** How long the link works, in milliseconds; null: until it is revoked. */
  ttlMs: number | null;
  /** How many viewers may come in with it, at least 1. */
  uses: number | 'many';
  /** What viewers are called that do not name themselves. */
  label?: string;
  /** How long whoever follows the link stays in, in milliseconds. Left out: until revoked. */
  grantTtlMs?: number;
}

export interface AuthoriseRequest {
  viewerId: string;
  /** Token from a link, as base64url. */
  inviteToken?: string;
  /** How the viewer wants to be called. */
  label?: string;
}

export type AuthoriseRefusal = 'unauthorised' | 'invite-invalid' | 'grants-full';

export const invitesMaxCount = 256;
export const grantsMaxCount = 1024;
/** Below this, a shortened viewer id is too easily a mistake. */
const prefixMinLength = 4;

/**
 * Grants and invites in memory. Everything here happens at once, without waiting, which is what makes the last use of an
 * invite exclusive. Callers prune first.
 */
export class AccessTable {
  private readonly clock: { nowMs(): number; wallClockMs(): number };
  private readonly grants = new Map<string, Grant>();
  /**
   * By the hash of the token. That a lookup takes longer for some hashes than for others tells nobody anything: a token has
   * 128 random bits and its hash cannot be steered.
   */
  private readonly invites = new Map<string, Invite>();

  constructor(clock: { nowMs(): number; wallClockMs(): number }) {
    this.clock = clock;
  }

  load(file: AccessFile): void {
    const nowMs = this.clock.nowMs();
    // A wall clock that went back counts as no time passed: the time left never grows.
    const elapsedMs = Math.max(0, this.clock.wallClockMs() - file.savedAtMs);
    for (const record of file.grants) this.grants.set(record.viewerId, fromRecord(record, nowMs, elapsedMs));
    for (const record of file.invites) this.invites.set(record.tokenHash, fromRecord(record, nowMs, elapsedMs));
  }

  buildFile(): AccessFile {
    const nowMs = this.clock.nowMs();
    return {
      version: 1,
      savedAtMs: this.clock.wallClockMs(),
      grants: [...this.grants.values()].map((grant) => toRecord(grant, nowMs)),
      invites: [...this.invites.values()].map((invite) => toRecord(invite, nowMs)),
    };
  }

  /** Forgets what has expired. @returns the grants among it, and whether there was anything */
  prune(): { expiredGrants: Grant[]; changed: boolean } {
    const nowMs = this.clock.nowMs();
    const expiredGrants = [...this.grants.values()].filter((grant) => isExpired(grant, nowMs));
    const expiredInvites = [...this.invites.values()].filter((invite) => isExpired(invite, nowMs));
    for (const grant of expiredGrants) this.grants.delete(grant.viewerId);
    for (const invite of expiredInvites) this.invites.delete(invite.tokenHash);
    return { expiredGrants, changed: expiredGrants.length + expiredInvites.length > 0 };
  }

  /** Time until the next grant expires, at least 0; null when none ever does. */
  get nextGrantExpiryInMs(): number | null {
    const deadlines = [...this.grants.values()].flatMap((grant) => grant.expiresAtMs ?? []);
    if (deadlines.length === 0) return null;
    return Math.max(0, deadlines.reduce((a, b) => Math.min(a, b)) - this.clock.nowMs());
  }

  get hasDeadlines(): boolean {
    return [...this.grants.values(), ...this.invites.values()].some((item) => item.expiresAtMs !== null);
  }

  getGrant(viewerId: string): Grant | undefined {
    return this.grants.get(viewerId);
  }

  addInvite(options: InviteOptions): Result<{ id: string; token: string }, 'too-many-invites'> {
    if (this.invites.size >= invitesMaxCount) return failure('too-many-invites');
    const id = randomBytes(6).toString('hex');
    const token = encodeRandomId(randomBytes(randomIdLengthBytes));
    const tokenHash = hashToken(token);
    this.invites.set(tokenHash, {
      id,
      tokenHash,
      role: options.role,
      label: options.label,
      usesLeft: options.uses,
      grantTtlMs: options.grantTtlMs ?? null,
      createdAtMs: this.clock.wallClockMs(),
      expiresAtMs: this.deadlineAfter(options.ttlMs),
    });
    return success({ id, token });
  }

  /** The grant that a viewer has, or gets by its invite. A grant wins unless the invite gives a higher role. */
  authorise(request: AuthoriseRequest): Result<Grant, AuthoriseRefusal> {
    const held = this.grants.get(request.viewerId);
    const invite = request.inviteToken === undefined ? undefined : this.invites.get(hashToken(request.inviteToken));
    if (held && (!invite || roleAllows(held.role, invite.role))) return success(held);
    if (!invite) return failure(request.inviteToken === undefined ? 'unauthorised' : 'invite-invalid');
    if (!held && this.grants.size >= grantsMaxCount) return failure('grants-full');
    const grant = this.redeem(invite, request, held);
    this.grants.set(grant.viewerId, grant);
    return success(grant);
  }

  /** @param idOrPrefix a viewer id, or its beginning where that names one viewer only */
  removeViewer(idOrPrefix: string): Result<Grant, 'not-found' | 'ambiguous'> {
    if (idOrPrefix.length < prefixMinLength) return failure('not-found');
    const [grant, second] = [...this.grants.values()].filter(({ viewerId }) => viewerId.startsWith(idOrPrefix));
    if (!grant) return failure('not-found');
    if (second) return failure('ambiguous');
    this.grants.delete(grant.viewerId);
    return success(grant);
  }

  /** @returns whether there was such an invite */
  endInvite(id: string): boolean {
    const invite = [...this.invites.values()].find((candidate) => candidate.id === id);
    return invite !== undefined && this.invites.delete(invite.tokenHash);
  }

  /** Works as well for an invite that is used up or expired, as long as one of its viewers is there. */
  removeInvite(id: string): Result<Grant[], 'not-found'> {
    const invite = [...this.invites.values()].find((candidate) => candidate.id === id);
    const enrolled = [...this.grants.values()].filter((grant) => grant.invitedBy === id);
    if (!invite && enrolled.length === 0) return failure('not-found');
    if (invite) this.invites.delete(invite.tokenHash);
    for (const grant of enrolled) this.grants.delete(grant.viewerId);
    return success(enrolled);
  }

  private redeem(invite: Invite, request: AuthoriseRequest, held: Grant | undefined): Grant {
    if (invite.usesLeft === 1) this.invites.delete(invite.tokenHash);
    else if (invite.usesLeft !== 'many') invite.usesLeft -= 1;
    return {
      viewerId: request.viewerId,
      role: invite.role,
      label: request.label ?? held?.label ?? invite.label ?? `Viewer ${request.viewerId.slice(0, 6)}`,
      rights: rightsOf(invite.role),
      invitedBy: invite.id,
      createdAtMs: held?.createdAtMs ?? this.clock.wallClockMs(),
      expiresAtMs: this.deadlineAfter(invite.grantTtlMs),
    };
  }

  private deadlineAfter(ttlMs: number | null): number | null {
    return ttlMs === null ? null : this.clock.nowMs() + ttlMs;
  }
}

function isExpired(item: { expiresAtMs: number | null }, nowMs: number): boolean {
  return item.expiresAtMs !== null && item.expiresAtMs <= nowMs;
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
