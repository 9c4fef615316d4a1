import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Cost of new hashes: 16 MiB and five passes, one of the equivalent scrypt settings that OWASP recommends, chosen for its
 * small memory so that two checks at once do not hurt a Raspberry Pi.
 */
const defaultCost = { logN: 14, blockSize: 8, parallelism: 5 };
const saltBytes = 16;
const keyBytes = 32;
/** A hash from elsewhere may ask for more work than ours, but not for a gigabyte. */
const memoryMaxBytes = 128 * 1024 * 1024;

const hashPattern =
  /^\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9][0-9]?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface ParsedHash {
  cost: { logN: number; blockSize: number; parallelism: number };
  salt: Buffer;
  key: Buffer;
}

/** @returns the scrypt hash of a password in PHC string form, `$scrypt$ln=14,r=8,p=5$<salt>$<key>` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await deriveKey(Buffer.from(password), { cost: defaultCost, salt, keyBytes });
  const { logN, blockSize, parallelism } = defaultCost;
  return `$scrypt$ln=${logN},r=${blockSize},p=${parallelism}$${encodeBase64(salt)}$${encodeBase64(key)}`;
}

/** Compares in constant time and off the event loop. @returns false for a hash that is none */
export async function verifyPassword(password: Uint8Array | string, passwordHash: string): Promise<boolean> {
  const parsed = parsePasswordHash(passwordHash);
  if (parsed === null) return false;
  const key = await deriveKey(Buffer.from(password), { ...parsed, keyBytes: parsed.key.length });
  return timingSafeEqual(key, parsed.key);
}

export function isPasswordHash(text: string): boolean {
  return parsePasswordHash(text) !== null;
}

function parsePasswordHash(text: string): ParsedHash | null {
  const [, logN, blockSize, parallelism, salt, key] = hashPattern.exec(text) ?? [];
  if (salt === undefined || key === undefined) return null;
  const cost = { logN: Number(logN), blockSize: Number(blockSize), parallelism: Number(parallelism) };
  if (memoryBytes(cost) > memoryMaxBytes) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

function deriveKey(
  password: Buffer,
  { cost, salt, keyBytes }: { cost: ParsedHash['cost']; salt: Buffer; keyBytes: number },
): Promise<Buffer> {
  const options = {
    N: 2 ** cost.logN,
    r: cost.blockSize,
    p: cost.parallelism,
    // OpenSSL counts a little more than the formula, and refuses at the bound.
    maxmem: 2 * memoryBytes(cost),
  };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** RFC 7914 section 2: the table of N blocks and the p blocks that are mixed. */
function memoryBytes(cost: ParsedHash['cost']): number {
  return 128 * cost.blockSize * (2 ** cost.logN + cost.parallelism);
}

function encodeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
