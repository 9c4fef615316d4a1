import { base64urlnopad } from '@scure/base';

const encoder = new (globalThis as unknown as { TextEncoder: new () => Utf8Encoder }).TextEncoder();
const decoder = new (
  globalThis as unknown as { TextDecoder: new (label: string, options: object) => Utf8Decoder }
).TextDecoder('utf-8', { fatal: true });

// The two classes exist in every browser and in Node, but in no standard library of the language itself, which is all that
// this folder is compiled against.
interface Utf8Encoder {
  encode(text: string): Uint8Array;
}
interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @returns null when the bytes are not well-formed UTF-8 */
export function parseUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** @returns null when the text is not canonical base64url, or not of `lengthBytes` bytes */
export function parseBase64Url(text: string, lengthBytes?: number): Uint8Array | null {
  try {
    const bytes = base64urlnopad.decode(text);
    return lengthBytes === undefined || bytes.length === lengthBytes ? bytes : null;
  } catch {
    return null;
  }
}
