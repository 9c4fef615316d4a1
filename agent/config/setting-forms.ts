import { z } from 'zod';
import { limits } from '../../protocol/limits.ts';
import type { Result } from '../../protocol/result.ts';

/** Forms of values that several settings share. */

export const portForm = z.int().min(1).max(65_535);
export const nameForm = z.string().trim().min(1).max(limits.nameMaxLength);
export const pathForm = z.string().min(1).max(4096);

/**
 * A camera, a microphone or a loudspeaker.
 *
 * @param parse reads it as the part does that opens it, and says what is wrong
 */
export function deviceForm(parse: (text: string) => Result<unknown, string>) {
  return z
    .string()
    .min(1)
    .max(1024)
    .superRefine((text, context) => {
      const read = parse(text);
      if (!read.ok) context.addIssue({ code: 'custom', message: read.error });
    });
}

export function urlForm(schemes: readonly string[]) {
  return urlWithAccountForm(schemes).refine((text) => !hasAccount(text), 'must not hold a user name or password');
}

/** An address without a user name may have a password all the same: `mqtt://:PASSWORD@HOST`. */
function hasAccount(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

export function urlWithAccountForm(schemes: readonly string[]) {
  const form = `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string()
    .max(256)
    .refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text), form);
}
