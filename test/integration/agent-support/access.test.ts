import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Access } from '../../../agent/access/access.ts';
import type { InviteOptions } from '../../../agent/access/access-table.ts';
import { replaceFile } from '../../../agent/access/atomic-file.ts';
import { FakeClock } from '../../fakes/support-clock.ts';
import { FakeLogger } from '../../fakes/support-logger.ts';

const viewer = (digit: string) => digit.repeat(32);

let folder: string;
let stateDir: string;
let clock: FakeClock;
let logger: FakeLogger;
let opened: Access[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-access-'));
  stateDir = join(folder, 'state');
  clock = new FakeClock();
  logger = new FakeLogger();
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((access) => access.close()));
  await rm(folder, { recursive: true });
});

async function openAccess(dir = stateDir): Promise<Access> {
  const access = new Access({ stateDir: dir, clock, logger });
  await access.open();
  opened.push(access);
  return access;
}

async function invite(access: Access, options: Partial<InviteOptions> = {}): Promise<{ id: string; token: string }> {
  const created = await access.createInvite({ role: 'view', ttlMs: 600_000, uses: 1, ...options });
  if (!created.ok) throw new Error(created.error);
  return created.value;
}

let crashes = 0;
/** What another process would find if this one died now. */
async function openAfterCrash(): Promise<Access> {
  const copy = join(folder, `crashed-${crashes++}`);
  await cp(stateDir, copy, { recursive: true });
  return openAccess(copy);
}

describe('Access on a disk', () => {
  it('keeps grants and invites over a restart, for its owner alone', async () => {
    const first = await openAccess();
    const { token } = await invite(first, { uses: 2 });
    await first.authorise({ viewerId: viewer('a'), inviteToken: token, label: 'Phone' });
    await first.close();
    expect((await stat(join(stateDir, 'access.json'))).mode & 0o777).toBe(0o600);
    const second = await openAccess();
    expect(await second.authorise({ viewerId: viewer('a') })).toMatchObject({ ok: true, value: { label: 'Phone' } });
    expect((await second.authorise({ viewerId: viewer('b'), inviteToken: token })).ok).toBe(true);
    expect((await second.authorise({ viewerId: viewer('c'), inviteToken: token })).ok).toBe(false);
  });

  it('lets exactly one of many win the last use of an invite', async () => {
    const access = await openAccess();
    const { token } = await invite(access);
    const digits = [...'0123456789abcdef'];
    const outcomes = await Promise.all(
      digits.map((digit) => access.authorise({ viewerId: viewer(digit), inviteToken: token })),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(access.list().grants).toHaveLength(1);
  });

  it('has it on disk, whole, by the time a viewer is let in', async () => {
    const access = await openAccess();
    const { token } = await invite(access);
    expect((await access.authorise({ viewerId: viewer('a'), inviteToken: token })).ok).toBe(true);
    const survivor = await openAfterCrash();
    expect((await survivor.authorise({ viewerId: viewer('a') })).ok).toBe(true);
    expect((await survivor.authorise({ viewerId: viewer('b'), inviteToken: token })).ok).toBe(false);
  });

  it('lets nobody in whom a crash would make it forget', async () => {
    const access = await openAccess();
    const { token } = await invite(access);
    await breakDisk();
    expect(await access.authorise({ viewerId: viewer('a'), inviteToken: token })).toEqual({
      ok: false,
      error: 'internal',
    });
    // Once more, now with a grant in memory that the disk still does not know.
    expect(await access.authorise({ viewerId: viewer('a') })).toEqual({ ok: false, error: 'internal' });
    expect(logger.events[0]).toEqual({
      level: 'error',
      message: 'the access list cannot be written',
      fields: {
        code: expect.stringMatching(/^E[A-Z]+$/),
        path: join(stateDir, 'access.json'),
        retryInMs: expect.any(Number),
      },
    });
    await repairDisk();
    expect((await access.authorise({ viewerId: viewer('a') })).ok).toBe(true);
    expect(logger.events.at(-1)?.message).toBe('the access list is saved again');
    expect((await (await openAfterCrash()).authorise({ viewerId: viewer('b'), inviteToken: token })).ok).toBe(false);
  });

  it('writes what a broken disk refused when it is closed', async () => {
    const access = await openAccess();
    const { token } = await invite(access, { uses: 'many' });
    await access.authorise({ viewerId: viewer('a'), inviteToken: token });
    await breakDisk();
    const outs: string[] = [];
    access.on('revoked', ({ viewerId }) => outs.push(viewerId));
    await expect(access.revokeViewer(viewer('a'))).rejects.toMatchObject({ code: 'not-saved' });
    expect(outs).toEqual([viewer('a')]);
    expect((await access.authorise({ viewerId: viewer('a') })).ok).toBe(false);
    await repairDisk();
    await access.close();
    expect((await (await openAccess()).authorise({ viewerId: viewer('a') })).ok).toBe(false);
  });

  it('says who is revoked: by viewer, by invite, by time', async () => {
    const access = await openAccess();
    const outs: string[] = [];
    access.on('revoked', ({ viewerId }) => outs.push(viewerId));
    const { id, token } = await invite(access, { uses: 'many' });
    for (const digit of ['a', 'b', 'c']) await access.authorise({ viewerId: viewer(digit), inviteToken: token });
    expect(await access.revokeViewer('cccc')).toEqual({ ok: true, value: viewer('c') });
    expect(await access.revokeInvite(id)).toEqual({ ok: true, value: [viewer('a'), viewer('b')] });
    const short = await invite(access, { grantTtlMs: 1000 });
    await access.authorise({ viewerId: viewer('d'), inviteToken: short.token });
    clock.advance(1000);
    expect(access.list().grants).toEqual([]);
    expect(outs).toEqual([viewer('c'), viewer('a'), viewer('b'), viewer('d')]);
  });

  it('ends a grant by itself when its time is up', async () => {
    const access = await openAccess();
    const { token } = await invite(access, { grantTtlMs: 30 });
    const revoked = new Promise<string>((resolve) => access.on('revoked', ({ viewerId }) => resolve(viewerId)));
    await access.authorise({ viewerId: viewer('a'), inviteToken: token });
    clock.advance(30);
    expect(await revoked).toBe(viewer('a'));
  });

  it('writes no token and lists no hash', async () => {
    const access = await openAccess();
    const { token } = await invite(access);
    expect(await readFile(join(stateDir, 'access.json'), 'utf8')).not.toContain(token);
    expect(JSON.stringify(access.list())).not.toMatch(/[0-9a-f]{64}/);
  });

  it('refuses a damaged file and leaves it as it is', async () => {
    const access = await openAccess();
    await invite(access);
    await access.close();
    const path = join(stateDir, 'access.json');
    const good = await readFile(path, 'utf8');
    for (const content of ['', good.slice(0, good.length / 2), '[]', good.replace('"view"', '"root"')]) {
      await writeFile(path, content);
      const error = await new Access({ stateDir, clock, logger }).open().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'corrupted', message: expect.stringContaining('move it away') });
      expect(await readFile(path, 'utf8')).toBe(content);
    }
  });

  it('refuses a file that others may change', async () => {
    await invite(await openAccess());
    await chmod(join(stateDir, 'access.json'), 0o666);
    await expect(new Access({ stateDir, clock, logger }).open()).rejects.toMatchObject({ code: 'exposed' });
  });

  it('clears away what a crash in the middle of a write left', async () => {
    await invite(await openAccess());
    await writeFile(join(stateDir, 'access.json.0123456789ab.tmp'), '{"half":');
    await writeFile(join(stateDir, 'device.key'), 'not mine');
    await openAccess();
    expect((await readdir(stateDir)).sort()).toEqual(['access.json', 'device.key']);
  });
});

describe('replaceFile', () => {
  it('shows every reader one whole content while several write', async () => {
    const path = join(stateDir, 'shared.json');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(20_000));
    await replaceFile(path, contents[0] ?? '');
    let writing = true;
    const writers = contents.map(async (content) => {
      for (let round = 0; round < 5; round += 1) await replaceFile(path, content);
    });
    const reader = (async () => {
      const seen = new Set<string>();
      while (writing) seen.add(await readFile(path, 'utf8'));
      return seen;
    })();
    await Promise.all(writers);
    writing = false;
    for (const content of await reader) expect(contents).toContain(content);
    expect(await readdir(stateDir)).toEqual(['shared.json']);
  });
});

// Root may write anywhere, so a mode would stop nobody; a file in place of the folder does.
async function breakDisk(): Promise<void> {
  await rename(stateDir, `${stateDir}.away`);
  await writeFile(stateDir, '');
}

async function repairDisk(): Promise<void> {
  await rm(stateDir);
  await rename(`${stateDir}.away`, stateDir);
}
