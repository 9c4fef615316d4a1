import { join } from 'node:path';
import { exponentialBackoff } from '../../protocol/backoff.ts';
import { Emitter } from '../../protocol/emitter.ts';
import { parseWith } from '../../protocol/messages.ts';
import { failure, type Result } from '../../protocol/result.ts';
import { accessFileSchema, type GrantRecord, type InviteRecord } from './access-records.ts';
import { AccessTable, type AuthoriseRequest, type Grant, grantsMaxCount, type InviteOptions } from './access-table.ts';
import { removeLeftovers, replaceFile } from './atomic-file.ts';
import { parseStateJson, readPrivateFile, StateFileError } from './state-file.ts';
import { WriteQueue } from './write-queue.ts';

export interface AccessOptions {
  stateDir: string;
  clock: { nowMs(): number; wallClockMs(): number };
  logger: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

export interface AccessList {
  grants: GrantRecord[];
  invites: Omit<InviteRecord, 'tokenHash'>[];
}

export interface AccessEvents {
  /** A viewer lost its grant, by revocation or because its time was up: its sessions must end. */
  revoked: { viewerId: string };
}

const remedy =
  'Restore it from a backup. Without one, move it away: nobody is paired then and every viewer needs a new link.';
const timerMaxMs = 2 ** 31 - 1;

/**
 * Who may come in: grants, and the invites that lead to them, kept in `<stateDir>/access.json`.
 *
 * A decision is made at once in memory, and answered when it is on disk. An answer given earlier could be forgotten in a power
 * cut, and the invite then be used a second time.
 */
export class Access {
  private readonly options: AccessOptions;
  private readonly path: string;
  private readonly table: AccessTable;
  private readonly writes: WriteQueue;
  private readonly emitter: Emitter<AccessEvents>;
  /** Grants that are newer than the file. */
  private readonly unsaved = new WeakSet<Grant>();
  private expiryTimer: NodeJS.Timeout | null = null;

  constructor(options: AccessOptions) {
    this.options = options;
    this.path = join(options.stateDir, 'access.json');
    this.table = new AccessTable(options.clock);
    this.emitter = new Emitter((error) => options.logger.error({ error }, 'a listener of the access list failed'));
    this.writes = new WriteQueue({
      write: () => replaceFile(this.path, `${JSON.stringify(this.table.buildFile(), null, 1)}\n`),
      backoff: exponentialBackoff({ initialMs: 1_000, maxMs: 60_000 }),
      onFailure: (error, retryInMs) =>
        // What a disk refuses is no defect of ours: its code says all, and a stack would hide it.
        options.logger.error({ code: codeOf(error), path: this.path, retryInMs }, 'the access list cannot be written'),
      onRecovered: () => options.logger.info({ path: this.path }, 'the access list is saved again'),
    });
  }

  /** @throws StateFileError `exposed`, `corrupted` or `unreadable`: rather nobody comes in than somebody by a guess */
  async open(): Promise<void> {
    const text = await readPrivateFile(this.path);
    await removeLeftovers(this.path);
    if (text === null) return;
    const parsed = parseWith(accessFileSchema, parseStateJson(text));
    if (!parsed.ok) throw StateFileError.corrupted(this.path, parsed.error, remedy);
    this.table.load(parsed.value);
    this.prune();
  }

  async close(): Promise<void> {
    if (this.expiryTimer) clearTimeout(this.expiryTimer);
    this.expiryTimer = null;
    // The next start reckons the time left from the wall clock in the file, which may have been wrong until now.
    if (this.table.hasDeadlines) void this.writes.request().catch(() => {});
    await this.writes.close();
  }

  /** @returns a function that takes the listener off again */
  on<Name extends keyof AccessEvents>(name: Name, listener: (event: AccessEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  /**
   * The token, 16 bytes as base64url, exists in the answer only: the file has its hash.
   *
   * @throws StateFileError `not-saved`
   */
  async createInvite(options: InviteOptions): Promise<Result<{ id: string; token: string }, 'too-many-invites'>> {
    this.prune();
    const added = this.table.addInvite(options);
    if (added.ok) await this.save();
    return added;
  }

  /**
   * Lets a viewer in by the grant it has, or by an invite, which then becomes its grant. Somebody with a grant uses an invite
   * up only when it gives a higher role.
   *
   * `internal`: the decision could not be written, or there is no room for another viewer; the log says which.
   */
  async authorise(request: AuthoriseRequest): Promise<Result<Grant, 'unauthorised' | 'invite-invalid' | 'internal'>> {
    this.prune();
    const before = this.table.getGrant(request.viewerId);
    const decided = this.table.authorise(request);
    if (!decided.ok) return failure(this.refusalFor(decided.error));
    if (decided.value !== before) this.handleNewGrant(decided.value);
    if (!this.unsaved.has(decided.value)) return decided;
    try {
      await this.save();
    } catch {
      return failure('internal');
    }
    this.unsaved.delete(decided.value);
    // It may have been revoked while the disk was busy.
    return this.table.getGrant(request.viewerId) === decided.value ? decided : failure('unauthorised');
  }

  /** Whether the viewer has a grant at this moment. */
  isPaired(viewerId: string): boolean {
    return this.table.getGrant(viewerId) !== undefined;
  }

  /** Ends an invite, so that nobody else comes in by it. Who came by it stays. @throws StateFileError `not-saved` */
  async endInvite(id: string): Promise<void> {
    if (this.table.endInvite(id)) await this.save();
  }

  list(): AccessList {
    this.prune();
    const { grants, invites } = this.table.buildFile();
    return { grants, invites: invites.map(({ tokenHash: _, ...invite }) => invite) };
  }

  /**
   * @param idOrPrefix a viewer id, or its first digits (4 or more) where they name one viewer only
   * @returns the whole id
   * @throws StateFileError `not-saved`: the viewer is out, but would be back if the agent were restarted now
   */
  async revokeViewer(idOrPrefix: string): Promise<Result<string, 'not-found' | 'ambiguous'>> {
    this.prune();
    const removed = this.table.removeViewer(idOrPrefix);
    if (!removed.ok) return removed;
    this.emitter.emit('revoked', { viewerId: removed.value.viewerId });
    await this.save();
    return { ok: true, value: removed.value.viewerId };
  }

  /**
   * Withdraws an invite with all grants that came from it.
   *
   * @returns the viewers that lost their grant
   * @throws StateFileError `not-saved`, as for a viewer
   */
  async revokeInvite(id: string): Promise<Result<string[], 'not-found'>> {
    this.prune();
    const removed = this.table.removeInvite(id);
    if (!removed.ok) return removed;
    const viewerIds = removed.value.map((grant) => grant.viewerId);
    for (const viewerId of viewerIds) this.emitter.emit('revoked', { viewerId });
    await this.save();
    return { ok: true, value: viewerIds };
  }

  private refusalFor(refusal: 'unauthorised' | 'invite-invalid' | 'grants-full') {
    if (refusal !== 'grants-full') return refusal;
    this.options.logger.warn({ grantsMaxCount }, 'there is no room for another viewer; revoke some');
    return 'internal';
  }

  private handleNewGrant(grant: Grant): void {
    this.unsaved.add(grant);
    this.scheduleExpiry();
  }

  private async save(): Promise<void> {
    try {
      await this.writes.request();
    } catch (error) {
      throw StateFileError.notSaved(this.path, error);
    }
  }

  private prune(): void {
    const { expiredGrants, changed } = this.table.prune();
    this.scheduleExpiry();
    if (changed) void this.writes.request().catch(() => {});
    for (const { viewerId } of expiredGrants) this.emitter.emit('revoked', { viewerId });
  }

  // Invites that expire are noticed when somebody asks; grants must end live sessions at the time.
  private scheduleExpiry(): void {
    if (this.expiryTimer) clearTimeout(this.expiryTimer);
    const inMs = this.table.nextGrantExpiryInMs;
    this.expiryTimer = inMs === null ? null : setTimeout(() => this.prune(), Math.min(inMs, timerMaxMs));
  }
}

/** `ENOSPC`, or in words what is no error of the system. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
