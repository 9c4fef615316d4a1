import { expect, test } from 'vitest';
import { hashPassword, isPasswordHash, verifyPassword } from '../../../broker/password-hash.ts';

// RFC 7914 section 12, third vector, written as a PHC string: an independent implementation made it.
const rfcHash =
  '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw';

test('the password that was hashed is accepted and another is not', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(isPasswordHash(hash)).toBe(true);
  expect(await verifyPassword('correct horse', hash)).toBe(true);
  expect(await verifyPassword(Buffer.from('correct horse '), hash)).toBe(false);
});

test('hashes of one password differ', async () => {
  expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
});

test('the vector of RFC 7914 verifies', async () => {
  expect(await verifyPassword('pleaseletmein', rfcHash)).toBe(true);
  expect(await verifyPassword('pleaseletmeout', rfcHash)).toBe(false);
});

test.each([
  ['a plain password', 'hunter2'],
  ['nothing', ''],
  ['another scheme', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'],
  ['a gigabyte', rfcHash.replace('ln=14', 'ln=20')],
  ['two gigabytes through the block size', rfcHash.replace('r=8', 'r=99')],
  ['no cost', rfcHash.replace('ln=14', 'ln=0')],
  ['a line break behind it', `${rfcHash}\n`],
])('%s is no hash and fits no password', async (_name, text) => {
  expect(isPasswordHash(text)).toBe(false);
  expect(await verifyPassword('pleaseletmein', text)).toBe(false);
});
