import { beforeEach, describe, expect, it } from 'vitest';
import {
  AccessTable,
  grantsMaxCount,
  type InviteOptions,
  invitesMaxCount,
} from '../../../../agent/access/access-table.ts';
import { FakeClock } from '../../../fakes/support-clock.ts';

const viewer = (digit: string) => digit.repeat(32);
const minuteMs = 60_000;

let clock: FakeClock;
let table: AccessTable;
beforeEach(() => {
  clock = new FakeClock();
  table = new AccessTable(clock);
});

function invite(options: Partial<InviteOptions> = {}): { id: string; token: string } {
  const added = table.addInvite({ role: 'view', ttlMs: 10 * minuteMs, uses: 1, ...options });
  if (!added.ok) throw new Error(added.error);
  return added.value;
}

/** The same table after a restart, in which the clocks moved apart. */
function reopened(clocks: { wallPassedMs: number }): AccessTable {
  const file = JSON.parse(JSON.stringify(table.buildFile()));
  clock.monotonicMs = 5;
  clock.wallMs += clocks.wallPassedMs;
  const next = new AccessTable(clock);
  next.load(file);
  next.prune();
  return next;
}

describe('AccessTable', () => {
  it('lets nobody in without a grant or an invite', () => {
    expect(table.authorise({ viewerId: viewer('a') })).toEqual({ ok: false, error: 'unauthorised' });
    expect(table.authorise({ viewerId: viewer('a'), inviteToken: 'x' })).toEqual({
      ok: false,
      error: 'invite-invalid',
    });
  });

  it('turns an invite into a grant once', () => {
    const { id, token } = invite({ role: 'control' });
    const first = table.authorise({ viewerId: viewer('a'), inviteToken: token, label: 'Phone' });
    expect(first).toMatchObject({
      ok: true,
      value: { role: 'control', label: 'Phone', invitedBy: id, rights: { audio: true, talk: true, recordings: false } },
    });
    expect(table.authorise({ viewerId: viewer('b'), inviteToken: token })).toEqual({
      ok: false,
      error: 'invite-invalid',
    });
    expect(table.authorise({ viewerId: viewer('a') })).toEqual(first);
  });

  it('counts the uses of an invite, or does not', () => {
    const twice = invite({ uses: 2 });
    const always = invite({ uses: 'many' });
    const outcomes = ['a', 'b', 'c'].map(
      (digit) => table.authorise({ viewerId: viewer(digit), inviteToken: twice.token }).ok,
    );
    expect(outcomes).toEqual([true, true, false]);
    for (const digit of ['d', 'e', 'f']) {
      expect(table.authorise({ viewerId: viewer(digit), inviteToken: always.token }).ok).toBe(true);
    }
  });

  it('does not spend an invite on somebody who has the same role or a higher one', () => {
    table.authorise({ viewerId: viewer('a'), inviteToken: invite({ role: 'control' }).token });
    const { token } = invite({ role: 'control' });
    table.authorise({ viewerId: viewer('a'), inviteToken: token });
    expect(table.authorise({ viewerId: viewer('b'), inviteToken: token }).ok).toBe(true);
  });

  it('lifts a viewer to the higher role of an invite and spends it', () => {
    table.authorise({ viewerId: viewer('a'), inviteToken: invite().token, label: 'Phone' });
    const admin = invite({ role: 'admin' });
    expect(table.authorise({ viewerId: viewer('a'), inviteToken: admin.token })).toMatchObject({
      value: { role: 'admin', label: 'Phone', invitedBy: admin.id, rights: { recordings: true } },
    });
    expect(table.authorise({ viewerId: viewer('b'), inviteToken: admin.token }).ok).toBe(false);
  });

  it('lets a paired viewer in whatever invite it brings', () => {
    table.authorise({ viewerId: viewer('a'), inviteToken: invite().token });
    expect(table.authorise({ viewerId: viewer('a'), inviteToken: 'used up long ago' }).ok).toBe(true);
  });

  it('calls viewers by their own label, else by that of the invite, else by their id', () => {
    const { token } = invite({ uses: 'many', label: 'Guest' });
    expect(table.authorise({ viewerId: viewer('a'), inviteToken: token, label: 'Anna' })).toMatchObject({
      value: { label: 'Anna' },
    });
    expect(table.authorise({ viewerId: viewer('b'), inviteToken: token })).toMatchObject({ value: { label: 'Guest' } });
    const plain = invite().token;
    expect(table.authorise({ viewerId: viewer('c'), inviteToken: plain })).toMatchObject({
      value: { label: 'Viewer cccccc' },
    });
  });

  it('keeps to the monotonic clock when the wall clock jumps', () => {
    const { token } = invite({ ttlMs: 10 * minuteMs });
    clock.wallMs += 365 * 24 * 60 * minuteMs;
    table.prune();
    expect(table.authorise({ viewerId: viewer('a'), inviteToken: token }).ok).toBe(true);
    const short = invite({ ttlMs: 10 * minuteMs });
    clock.wallMs -= 2 * 365 * 24 * 60 * minuteMs;
    clock.monotonicMs += 10 * minuteMs;
    table.prune();
    expect(table.authorise({ viewerId: viewer('b'), inviteToken: short.token }).ok).toBe(false);
  });

  it.each([
    { wallPassedMs: 5 * minuteMs, isValid: true },
    { wallPassedMs: 6 * minuteMs, isValid: false },
  ])('carries the time left over a restart: 4 of 10 minutes, then $wallPassedMs ms', ({ wallPassedMs, isValid }) => {
    const { token } = invite({ ttlMs: 10 * minuteMs });
    clock.advance(4 * minuteMs);
    const next = reopened({ wallPassedMs });
    expect(next.authorise({ viewerId: viewer('a'), inviteToken: token }).ok).toBe(isValid);
  });

  it('goes on counting the time left after a restart', () => {
    const { token } = invite({ ttlMs: 10 * minuteMs });
    const next = reopened({ wallPassedMs: 5 * minuteMs });
    clock.monotonicMs += 5 * minuteMs;
    next.prune();
    expect(next.authorise({ viewerId: viewer('a'), inviteToken: token }).ok).toBe(false);
  });

  it('does not give more time when the wall clock went back over a restart', () => {
    const { token } = invite({ ttlMs: 10 * minuteMs });
    clock.advance(9 * minuteMs);
    const next = reopened({ wallPassedMs: -1000 * 60 * minuteMs });
    clock.monotonicMs += minuteMs;
    next.prune();
    expect(next.authorise({ viewerId: viewer('a'), inviteToken: token }).ok).toBe(false);
  });

  it('ends a grant when its time is up', () => {
    const { token } = invite({ grantTtlMs: 5 * minuteMs });
    table.authorise({ viewerId: viewer('a'), inviteToken: token });
    expect(table.nextGrantExpiryInMs).toBe(5 * minuteMs);
    clock.advance(5 * minuteMs);
    expect(table.prune().expiredGrants).toMatchObject([{ viewerId: viewer('a') }]);
    expect(table.authorise({ viewerId: viewer('a') }).ok).toBe(false);
    expect(table.nextGrantExpiryInMs).toBeNull();
  });

  it('takes viewers out by id or by an unmistakable beginning of it', () => {
    const { token } = invite({ uses: 'many' });
    const [first, second] = [`aaaa${'0'.repeat(28)}`, `aaaa${'1'.repeat(28)}`];
    for (const viewerId of [first, second]) table.authorise({ viewerId, inviteToken: token });
    expect(table.removeViewer('aaaa')).toEqual({ ok: false, error: 'ambiguous' });
    expect(table.removeViewer('aaa')).toEqual({ ok: false, error: 'not-found' });
    expect(table.removeViewer('')).toEqual({ ok: false, error: 'not-found' });
    expect(table.removeViewer('aaaa1')).toMatchObject({ ok: true, value: { viewerId: second } });
    expect(table.authorise({ viewerId: second }).ok).toBe(false);
    expect(table.authorise({ viewerId: first }).ok).toBe(true);
  });

  it('takes out all viewers of an invite, also when it is used up', () => {
    const spent = invite({ uses: 1 });
    const other = invite({ uses: 'many' });
    table.authorise({ viewerId: viewer('a'), inviteToken: spent.token });
    table.authorise({ viewerId: viewer('b'), inviteToken: other.token });
    expect(table.removeInvite(spent.id)).toMatchObject({ value: [{ viewerId: viewer('a') }] });
    expect(table.removeInvite(spent.id)).toEqual({ ok: false, error: 'not-found' });
    expect(table.authorise({ viewerId: viewer('b') }).ok).toBe(true);
    table.removeInvite(other.id);
    expect(table.authorise({ viewerId: viewer('c'), inviteToken: other.token }).ok).toBe(false);
  });

  it('never holds or shows a token', () => {
    const { token } = invite();
    expect(JSON.stringify(table.buildFile())).not.toContain(token);
  });

  it('is bounded, and expired invites make room', () => {
    for (let count = 0; count < invitesMaxCount; count += 1) invite({ ttlMs: minuteMs });
    expect(table.addInvite({ role: 'view', ttlMs: null, uses: 1 })).toEqual({ ok: false, error: 'too-many-invites' });
    clock.advance(minuteMs);
    table.prune();
    const { token } = invite({ uses: 'many' });
    const viewerIds = Array.from({ length: grantsMaxCount + 1 }, (_, index) => index.toString(16).padStart(32, '0'));
    const outcomes = viewerIds.map((viewerId) => table.authorise({ viewerId, inviteToken: token }));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(grantsMaxCount);
    expect(outcomes.at(-1)).toEqual({ ok: false, error: 'grants-full' });
  });
});
