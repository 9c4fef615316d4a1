import { z } from 'zod';
import { encodeBase64Url, parseBase64Url } from './bytes.ts';
import { keyLengthBytes } from './identity.ts';
import { limits } from './limits.ts';
import { failure, type Result, success } from './result.ts';
import { isTopicPrefix } from './topics.ts';

/** All that a viewer needs to find and to trust a device. It travels in the fragment of a URL, which no server ever sees. */
export interface DeviceLink {
  /** The device's X25519 public key, pinned by whoever follows the link. */
  devicePublicKey: Uint8Array;
  /** WebSocket URL of the broker. */
  brokerUrl: string;
  /** Invite token, 16 bytes as base64url; absent in the link of a device already paired. */
  invite?: string;
  /** What the device is called, for people. */
  name?: string;
  /** First topic levels, where they are not the default. */
  topicPrefix?: string;
}

const fragmentStart = '#/pair?';
const inviteLengthBytes = 16;
// A fragment has no meaning in the address of a WebSocket, and the constructor of one throws at it.
const brokerUrlSchema = z
  .url()
  .regex(/^wss?:\/\/[^\s#\p{Surrogate}]+$/u)
  .max(256);

/** @param pageUrl address of the viewer page; a fragment of its own is replaced */
export function buildLink(pageUrl: string, link: DeviceLink): string {
  const fields: [string, string][] = [
    ['k', encodeBase64Url(link.devicePublicKey)],
    ['b', link.brokerUrl],
  ];
  if (link.invite !== undefined) fields.push(['t', link.invite]);
  if (link.name !== undefined) fields.push(['n', link.name]);
  if (link.topicPrefix !== undefined) fields.push(['p', link.topicPrefix]);
  const query = fields.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `${pageUrl.split('#')[0]}${fragmentStart}${query}`;
}

/** Reads a whole link or its fragment alone. The error is a sentence for people. */
export function parseLink(text: string): Result<DeviceLink, string> {
  const start = text.indexOf(fragmentStart);
  if (start < 0) return failure('A Porthole link contains "#/pair?", and this one does not.');
  const fields = parseFields(text.slice(start + fragmentStart.length));
  const devicePublicKey = parseBase64Url(fields.get('k') ?? '', keyLengthBytes);
  if (!devicePublicKey) return failure('The device key (k) is missing or not 32 bytes; the link may be cut off.');
  const brokerUrl = fields.get('b') ?? '';
  if (!brokerUrlSchema.safeParse(brokerUrl).success) {
    return failure('The broker address (b) is missing or not a ws:// or wss:// address.');
  }
  const invite = fields.get('t');
  if (invite !== undefined && !parseBase64Url(invite, inviteLengthBytes)) {
    return failure('The invite (t) is not 16 bytes; the link may be cut off.');
  }
  const topicPrefix = fields.get('p');
  if (topicPrefix !== undefined && !isTopicPrefix(topicPrefix)) {
    return failure('The topic prefix (p) is not made of plain topic levels.');
  }
  // Half of a surrogate pair, which the cut may leave, could not be put into a link again.
  const name = fields
    .get('n')
    ?.slice(0, limits.nameMaxLength)
    .replace(/\p{Surrogate}/gu, '');
  return success({ devicePublicKey, brokerUrl, invite, name: name || undefined, topicPrefix });
}

function parseFields(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    try {
      if (equals > 0) fields.set(part.slice(0, equals), decodeURIComponent(part.slice(equals + 1)));
    } catch {
      // A broken percent escape is as good as a field that is not there.
    }
  }
  return fields;
}
