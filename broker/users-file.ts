import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { failure, type Result, success } from '../protocol/result.ts';
import type { User } from './broker-access.ts';
import { isPasswordHash } from './password-hash.ts';
import { isTopicFilter } from './topic-filter.ts';

export interface UsersFileProblem {
  /** Where, as `users[2].publish[0]`; empty when it is the whole file. */
  path: string;
  message: string;
}

export interface UsersFileError {
  code: 'unreadable' | 'not-yaml' | 'invalid';
  /** The file. */
  file: string;
  /** All that is wrong with it, never just the first. */
  problems: UsersFileProblem[];
}

const topicFilter = z.string().refine(isTopicFilter, 'is not an MQTT topic filter of 1 to 256 bytes');

const userSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, underscores or hyphens'),
  passwordHash: z
    .string()
    .refine(isPasswordHash, 'is not a scrypt hash; make one with `porthole broker --hash-password`'),
  publish: z.array(topicFilter).max(64).default([]),
  subscribe: z.array(topicFilter).max(64).default([]),
});

const usersFileSchema = z.strictObject({
  users: z
    .array(userSchema)
    .max(1000)
    .superRefine((users, context) => {
      const names = new Set<string>();
      for (const [index, { name }] of users.entries()) {
        if (names.has(name)) {
          context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is listed twice` });
        }
        names.add(name);
      }
    }),
});

/** Reads the users of the broker from a YAML file: `users: [{name, passwordHash, publish, subscribe}]`. */
export async function loadUsersFile(file: string): Promise<Result<User[], UsersFileError>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return failure({ code: 'unreadable', file, problems: [{ path: '', message: (error as Error).message }] });
  }
  const parsed = parseUsers(text);
  return parsed.ok ? parsed : failure({ ...parsed.error, file });
}

/** The same from a text, without the file's name in the error. */
export function parseUsers(text: string): Result<User[], Omit<UsersFileError, 'file'>> {
  const document = parseYaml(text);
  if (!document.ok) {
    return failure({ code: 'not-yaml', problems: document.error.map((message) => ({ path: '', message })) });
  }
  const checked = usersFileSchema.safeParse(document.value);
  if (checked.success) return success(checked.data.users);
  return failure({ code: 'invalid', problems: checked.error.issues.map(describeIssue) });
}

function parseYaml(text: string): Result<unknown, string[]> {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    // The first line says it all; a drawing of the place follows it.
    return failure(document.errors.map((error) => error.message.split('\n')[0] ?? error.code));
  }
  try {
    return success(document.toJS());
  } catch (error) {
    // Aliases are followed here, and a text that multiplies itself through them is refused.
    return failure([(error as Error).message]);
  }
}

function describeIssue(issue: z.core.$ZodIssue): UsersFileProblem {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
  return { path, message: issue.message };
}
