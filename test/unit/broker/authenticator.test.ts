import { describe, expect, test, vi } from 'vitest';
import { Authenticator } from '../../../broker/authenticator.ts';
import type { User } from '../../../broker/broker-access.ts';

const user: User = { name: 'ada', passwordHash: 'hash of ada', publish: ['a/#'], subscribe: ['b/#'] };
const agentCredentials = { username: 'agent', password: 'random', deviceId: '0'.repeat(32) };
const bytes = (text: string) => Buffer.from(text);

function buildAuthenticator() {
  const verify = vi.fn(async (password: Uint8Array | string, hash: string) => hash === `hash of ${password}`);
  return { authenticator: new Authenticator({ users: [user], agentCredentials, verify }), verify };
}

describe('the authenticator', () => {
  test('lets a client without a name in as anonymous', async () => {
    const { authenticator } = buildAuthenticator();
    expect(await authenticator.authenticate(undefined, undefined)).toEqual({ ok: true, value: { kind: 'anonymous' } });
  });

  test('gives a user the written rights', async () => {
    const { authenticator } = buildAuthenticator();
    expect(await authenticator.authenticate('ada', bytes('ada'))).toEqual({
      ok: true,
      value: { kind: 'user', name: 'ada', publish: ['a/#'], subscribe: ['b/#'] },
    });
  });

  test('gives the agent the rights of its device, without a slow hash', async () => {
    const { authenticator, verify } = buildAuthenticator();
    expect(await authenticator.authenticate('agent', bytes('random'))).toEqual({
      ok: true,
      value: { kind: 'device', deviceId: '0'.repeat(32) },
    });
    expect(verify).not.toHaveBeenCalled();
  });

  test.each([
    ['a wrong password', 'ada', 'eve'],
    ['a wrong password of the agent', 'agent', 'wrong'],
    ['an unknown name', 'eve', 'eve'],
    ['an empty name', '', ''],
    ['a name that every object has', 'constructor', 'x'],
  ])('refuses %s', async (_case, name, password) => {
    const { authenticator } = buildAuthenticator();
    expect(await authenticator.authenticate(name, bytes(password))).toEqual({ ok: false, error: 'bad-credentials' });
  });

  test('refuses a name without a password', async () => {
    const { authenticator } = buildAuthenticator();
    expect((await authenticator.authenticate('ada', undefined)).ok).toBe(false);
    expect((await authenticator.authenticate('agent', undefined)).ok).toBe(false);
  });

  test('spends the same work on an unknown name', async () => {
    const { authenticator, verify } = buildAuthenticator();
    await authenticator.authenticate('eve', bytes('x'));
    expect(verify).toHaveBeenCalledTimes(1);
    expect(verify.mock.calls[0]?.[1]).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/);
  });

  test('checks two passwords at once, lets sixteen wait and refuses more', async () => {
    const answers: ((isRight: boolean) => void)[] = [];
    const verify = vi.fn(() => new Promise<boolean>((resolve) => answers.push(resolve)));
    const authenticator = new Authenticator({ users: [user], verify });
    const logins = Array.from({ length: 19 }, () => authenticator.authenticate('ada', bytes('ada')));

    expect(await logins[18]).toEqual({ ok: false, error: 'overloaded' });
    expect(verify).toHaveBeenCalledTimes(2);
    for (let done = 0; done < 18; done += 1) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(done), { interval: 1 });
      expect(answers.length).toBeLessThanOrEqual(done + 2);
      answers[done]?.(true);
    }
    const outcomes = await Promise.all(logins);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(18);
  });

  test('goes on after a check that failed', async () => {
    const verify = vi.fn(async () => {
      throw new Error('out of memory');
    });
    const authenticator = new Authenticator({ users: [user], verify });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(authenticator.authenticate('ada', bytes('ada'))).rejects.toThrow('out of memory');
    }
    expect(verify).toHaveBeenCalledTimes(5);
  });
});
