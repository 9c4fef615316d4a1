import { join } from 'node:path';
import { z } from 'zod';
import { encodeBase64Url, parseBase64Url } from '../../protocol/bytes.ts';
import { type KeyPair, keyLengthBytes } from '../../protocol/identity.ts';
import { createFile } from './atomic-file.ts';
import { derivePublicKey, nodeDiffieHellman } from './node-diffie-hellman.ts';
import { parseStateJson, readPrivateFile, StateFileError } from './state-file.ts';

const keyFileSchema = z.object({ version: z.literal(1), privateKey: z.string(), publicKey: z.string() });

const remedy =
  'Restore it from a backup. Without one, move it away: a new identity is made then, and whoever knows the old one must be paired again.';

/** Its name in the state folder. */
export const deviceKeyFile = 'device.key';

/**
 * The key pair that is the identity of this device, from `<stateDir>/device.key`.
 *
 * @throws StateFileError as for any other key
 */
export function loadDeviceKeys(stateDir: string): Promise<KeyPair> {
  return loadKeyPair(join(stateDir, deviceKeyFile));
}

/**
 * An X25519 key pair from its file, made when there is none.
 *
 * A damaged file is never replaced by itself, because all who know the key would lose their way without a reason. The file
 * holds the public key too, so that a changed bit is noticed instead of giving another identity.
 *
 * @throws StateFileError `exposed`, `corrupted`, `unreadable` or `not-saved`
 */
export async function loadKeyPair(path: string): Promise<KeyPair> {
  const existing = await readPrivateFile(path);
  if (existing !== null) return parseKeyFile(path, existing);
  const keys = nodeDiffieHellman.generateKeyPair();
  if (await tryCreate(path, formatKeyFile(keys))) return keys;
  // Another process made one in the meantime, and that one counts.
  const theirs = await readPrivateFile(path);
  if (theirs === null) throw StateFileError.unreadable(path, 'it appeared and vanished again');
  return parseKeyFile(path, theirs);
}

async function tryCreate(path: string, content: string): Promise<boolean> {
  try {
    return await createFile(path, content);
  } catch (error) {
    throw StateFileError.notSaved(path, error);
  }
}

function formatKeyFile(keys: KeyPair): string {
  const content = {
    version: 1,
    privateKey: encodeBase64Url(keys.privateKey),
    publicKey: encodeBase64Url(keys.publicKey),
  } satisfies z.infer<typeof keyFileSchema>;
  return `${JSON.stringify(content)}\n`;
}

function parseKeyFile(path: string, text: string): KeyPair {
  const parsed = keyFileSchema.safeParse(parseStateJson(text));
  if (!parsed.success) throw StateFileError.corrupted(path, 'it is not a key file', remedy);
  const privateKey = parseBase64Url(parsed.data.privateKey, keyLengthBytes);
  const publicKey = parseBase64Url(parsed.data.publicKey, keyLengthBytes);
  if (!privateKey || !publicKey) throw StateFileError.corrupted(path, 'a key has the wrong length', remedy);
  if (!Buffer.from(derivePublicKey(privateKey)).equals(publicKey)) {
    throw StateFileError.corrupted(path, 'the two keys do not belong together', remedy);
  }
  return { privateKey, publicKey };
}
