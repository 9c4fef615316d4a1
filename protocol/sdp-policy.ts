import { limits } from './limits.ts';
import { failure, type Result, success } from './result.ts';

/**
 * What both sides demand of a session description and of candidates before any native code sees them. The seal proves who
 * wrote them; the policy bounds what a paired but hostile other side can do with them.
 */
export type SdpRefusal =
  | 'too-large'
  | 'no-fingerprint'
  | 'mixed-fingerprints'
  | 'weak-fingerprint'
  | 'too-many-candidates';

const sha256Fingerprint = /^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

/**
 * Checks a description and takes out candidates that are not IP literals.
 *
 * All fingerprints must be equal, because the native library lets the first media line override the session's.
 */
export function checkSdp(sdp: string): Result<string, SdpRefusal> {
  if (sdp.length > limits.sdpMaxBytes) return failure('too-large');
  const lines = sdp.split(/\r\n|\n/);
  const fingerprints = lines.filter((line) => line.startsWith('a=fingerprint:')).map((line) => line.slice(14).trim());
  const first = fingerprints[0];
  if (first === undefined) return failure('no-fingerprint');
  if (!sha256Fingerprint.test(first)) return failure('weak-fingerprint');
  if (fingerprints.some((other) => other.toLowerCase() !== first.toLowerCase())) return failure('mixed-fingerprints');
  const kept = lines.filter((line) => !line.startsWith('a=candidate:') || isUsableCandidate(line.slice(2)));
  const candidateCount = kept.filter((line) => line.startsWith('a=candidate:')).length;
  if (candidateCount > limits.candidatesMaxCount) return failure('too-many-candidates');
  return success(kept.join('\r\n'));
}

/**
 * Whether a candidate (RFC 8839 5.1, without `a=`) names its address as an IP literal. A host name would cost the native
 * library one resolver thread each; dropping a `.local` one is harmless, because the device's own candidates are plain.
 */
export function isUsableCandidate(candidate: string): boolean {
  if (candidate.length > limits.candidateMaxBytes) return false;
  const fields = candidate.trim().split(/\s+/);
  if (!fields[0]?.startsWith('candidate:') || fields[6] !== 'typ') return false;
  const port = Number(fields[5]);
  return isIpLiteral(fields[4] ?? '') && Number.isInteger(port) && port > 0 && port <= 65_535;
}

function isIpLiteral(text: string): boolean {
  const isIpv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
  const isIpv6 = text.includes(':') && text.length <= 45 && /^[0-9a-fA-F:]+(\.\d{1,3}){0,3}$/.test(text);
  return isIpv4 || isIpv6;
}
