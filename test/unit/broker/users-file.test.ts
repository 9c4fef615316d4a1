import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadUsersFile, parseUsers } from '../../../broker/users-file.ts';

const hash = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}`;

describe('a users file', () => {
  test('gives the users with their rights', () => {
    const text = `users:\n  - name: admin\n    passwordHash: ${hash}\n    publish: ['porthole/#']\n    subscribe: ['#']\n`;
    expect(parseUsers(text)).toEqual({
      ok: true,
      value: [{ name: 'admin', passwordHash: hash, publish: ['porthole/#'], subscribe: ['#'] }],
    });
  });

  test('grants nothing that is not written', () => {
    expect(parseUsers(`users: [{name: a, passwordHash: ${JSON.stringify(hash)}}]`)).toMatchObject({
      ok: true,
      value: [{ publish: [], subscribe: [] }],
    });
  });

  test('reports all that is wrong at once, each with its place', () => {
    const text = `
users:
  - {name: 'a b', passwordHash: secret, publish: ['a/#/b'], rights: all}
  - {name: ok, passwordHash: '${hash}', subscribe: 'x'}
  - {name: ok, passwordHash: '${hash}'}
admins: []
`;
    const outcome = parseUsers(text);
    expect(outcome.ok).toBe(false);
    if (outcome.ok) return;
    expect(outcome.error.code).toBe('invalid');
    expect(outcome.error.problems.map(({ path, message }) => `${path}: ${message}`).sort()).toEqual([
      ': Unrecognized key: "admins"',
      'users[0].name: must be 1 to 64 letters, digits, dots, underscores or hyphens',
      'users[0].passwordHash: is not a scrypt hash; make one with `porthole broker --hash-password`',
      'users[0].publish[0]: is not an MQTT topic filter of 1 to 256 bytes',
      'users[0]: Unrecognized key: "rights"',
      'users[1].subscribe: Invalid input: expected array, received string',
    ]);
  });

  test('refuses a name that stands twice', () => {
    const entry = `{name: a, passwordHash: '${hash}'}`;
    expect(parseUsers(`users: [${entry}, ${entry}]`)).toMatchObject({
      ok: false,
      error: { code: 'invalid', problems: [{ path: 'users[1].name', message: '"a" is listed twice' }] },
    });
  });

  test.each([
    ['an open bracket', 'users: ['],
    ['a key twice', 'users: []\nusers: []'],
    ['a tag that runs code elsewhere', 'users: !!js/function x'],
  ])('with %s is refused', (_case, text) => {
    expect(parseUsers(text).ok).toBe(false);
  });

  test('that explodes when its aliases are followed is refused', () => {
    const lines = Array.from({ length: 12 }, (_, index) =>
      index === 0 ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]' : `a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]`,
    );
    expect(parseUsers(`${lines.join('\n')}\nusers: []\n`).ok).toBe(false);
  });

  test('that is empty or missing is named in the error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'porthole-users-'));
    try {
      const file = join(folder, 'users.yaml');
      expect(await loadUsersFile(file)).toMatchObject({ ok: false, error: { code: 'unreadable', file } });
      await writeFile(file, '');
      expect(await loadUsersFile(file)).toMatchObject({ ok: false, error: { code: 'invalid', file } });
      await writeFile(file, 'users: []\n');
      expect(await loadUsersFile(file)).toEqual({ ok: true, value: [] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
