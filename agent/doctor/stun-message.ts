import { createHash, createHmac, randomBytes } from 'node:crypto';

/** As much of STUN (RFC 8489) and TURN (RFC 8656) as it takes to ask a server who we are and for a relay address. */

export const stunMethods = { binding: 0x001, allocate: 0x003, refresh: 0x004 } as const;
export type StunMethod = keyof typeof stunMethods;

/** RFC 8489 section 14 and RFC 8656 section 18. */
export const stunAttributes = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
} as const;

export interface StunAddress {
  address: string;
  port: number;
}

export interface StunResponse {
  isError: boolean;
  /** Hexadecimal; that of the request it belongs to. */
  transactionId: string;
  /** The address that the server sees. */
  mapped: StunAddress | null;
  relayed: StunAddress | null;
  error: { code: number; reason: string } | null;
  realm: string | null;
  nonce: Buffer | null;
}

/** A long-term credential (RFC 8489 section 9.2) as the server has asked for it. */
export interface StunCredential {
  username: string;
  password: string;
  realm: string;
  nonce: Buffer;
}

const magicCookie = 0x2112a442;
const headerBytes = 20;
const integrityBytes = 24;
const successClass = 0x0100;
const errorClass = 0x0110;
const classMask = 0x0110;
const families = { ipv4: 1, ipv6: 2 };

/** @returns the bytes of a request and the transaction id, hexadecimal, that its answer has */
export function encodeRequest(
  method: StunMethod,
  attributes: readonly (readonly [type: number, value: Buffer])[] = [],
  credential?: StunCredential,
): { bytes: Buffer; transactionId: string } {
  const transactionId = randomBytes(12);
  const all = credential
    ? [
        ...attributes,
        [stunAttributes.username, Buffer.from(credential.username)] as const,
        [stunAttributes.realm, Buffer.from(credential.realm)] as const,
        [stunAttributes.nonce, credential.nonce] as const,
      ]
    : attributes;
  const body = Buffer.concat(all.map(([type, value]) => encodeAttribute(type, value)));
  // The length in the header counts the integrity attribute, whose digest is taken over all that stands before it (section 14.5).
  const header = encodeHeader(method, body.length + (credential ? integrityBytes : 0), transactionId);
  const message = Buffer.concat([header, body]);
  const integrity = credential ? [encodeAttribute(stunAttributes.messageIntegrity, sign(message, credential))] : [];
  return { bytes: Buffer.concat([message, ...integrity]), transactionId: transactionId.toString('hex') };
}

/** Four bytes, most significant first: what lifetimes and the requested transport are. */
export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** @returns null for what is not a response of STUN */
export function parseResponse(bytes: Buffer): StunResponse | null {
  if (bytes.length < headerBytes || bytes.readUInt32BE(4) !== magicCookie) return null;
  const messageClass = bytes.readUInt16BE(0) & classMask;
  if (messageClass !== successClass && messageClass !== errorClass) return null;
  const transactionId = bytes.subarray(8, headerBytes);
  const attributes = readAttributes(bytes.subarray(headerBytes, headerBytes + bytes.readUInt16BE(2)));
  const read = (type: number) => attributes.get(type) ?? null;
  const xored = read(stunAttributes.xorMappedAddress);
  const plain = read(stunAttributes.mappedAddress);
  const relayed = read(stunAttributes.xorRelayedAddress);
  return {
    isError: messageClass === errorClass,
    transactionId: transactionId.toString('hex'),
    mapped: (xored && parseAddress(xored, maskOf(transactionId))) ?? (plain && parseAddress(plain, noMask)),
    relayed: relayed && parseAddress(relayed, maskOf(transactionId)),
    error: parseError(read(stunAttributes.errorCode)),
    realm: read(stunAttributes.realm)?.toString() ?? null,
    nonce: read(stunAttributes.nonce),
  };
}

function encodeHeader(method: StunMethod, bodyBytes: number, transactionId: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(stunMethods[method], 0);
  header.writeUInt16BE(bodyBytes, 2);
  header.writeUInt32BE(magicCookie, 4);
  transactionId.copy(header, 8);
  return header;
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + value.length + paddingOf(value.length));
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function paddingOf(lengthBytes: number): number {
  return (4 - (lengthBytes % 4)) % 4;
}

function sign(message: Buffer, { username, realm, password }: StunCredential): Buffer {
  const key = createHash('md5').update(`${username}:${realm}:${password}`).digest();
  return createHmac('sha1', key).update(message).digest();
}

/** The first of each kind counts (section 14). */
function readAttributes(body: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let offset = 0; offset + 4 <= body.length; ) {
    const type = body.readUInt16BE(offset);
    const lengthBytes = body.readUInt16BE(offset + 2);
    const value = body.subarray(offset + 4, offset + 4 + lengthBytes);
    if (value.length === lengthBytes && !attributes.has(type)) attributes.set(type, value);
    offset += 4 + lengthBytes + paddingOf(lengthBytes);
  }
  return attributes;
}

const noMask = Buffer.alloc(16);

/** What addresses are combined with (section 14.2): routers that rewrite addresses in messages would otherwise find them. */
function maskOf(transactionId: Buffer): Buffer {
  return Buffer.concat([encodeUint32(magicCookie), transactionId]);
}

function parseAddress(value: Buffer, mask: Buffer): StunAddress | null {
  const family = value[1];
  const lengthBytes = family === families.ipv4 ? 4 : family === families.ipv6 ? 16 : 0;
  if (lengthBytes === 0 || value.length < 4 + lengthBytes) return null;
  const address = value.subarray(4, 4 + lengthBytes).map((byte, index) => byte ^ (mask[index] ?? 0));
  return { address: formatAddress(Buffer.from(address)), port: value.readUInt16BE(2) ^ mask.readUInt16BE(0) };
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  // The URL parser shortens as RFC 5952 wants it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function parseError(value: Buffer | null): StunResponse['error'] {
  const [, , hundreds = 0, rest = 0] = value ?? [];
  return value && value.length >= 4 ? { code: hundreds * 100 + rest, reason: value.subarray(4).toString() } : null;
}
