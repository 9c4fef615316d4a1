import { isIpLiteral } from './ip-literal.ts';
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
  | 'too-many-candidates'
  | 'messages-too-short';

const sha256Fingerprint = /^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/i;
// Foundation, component, transport, priority, address and port, type, and extensions in printable ASCII.
const candidateForm =
  /^candidate:[0-9A-Za-z+/]{1,32} \d{1,5} udp \d{1,10} ([0-9A-Fa-f:.]{2,45}) (\d{1,5}) typ [a-z]{1,8}( [ -~]*)?$/i;

/**
 * Checks a description and takes out the candidates that are not {@link isUsableCandidate}.
 *
 * All fingerprints must be equal, because the native library lets the first media line override the session's.
 */
export function checkSdp(sdp: string): Result<string, SdpRefusal> {
  if (sdp.length > limits.sdpMaxBytes) return failure('too-large');
  // A lone carriage return ends a line for some parsers and not for others: here it does, and it is not passed on.
  const lines = sdp.split(/\r\n|\n|\r/);
  const fingerprints = lines.filter((line) => line.startsWith('a=fingerprint:')).map((line) => line.slice(14).trim());
  const first = fingerprints[0];
  if (first === undefined) return failure('no-fingerprint');
  if (!sha256Fingerprint.test(first)) return failure('weak-fingerprint');
  if (fingerprints.some((other) => other.toLowerCase() !== first.toLowerCase())) return failure('mixed-fingerprints');
  const kept = lines.filter((line) => !line.startsWith('a=candidate:') || isUsableCandidate(line.slice(2)));
  const candidateCount = kept.filter((line) => line.startsWith('a=candidate:')).length;
  if (candidateCount > limits.candidatesMaxCount) return failure('too-many-candidates');
  if (!kept.every(takesOurMessages)) return failure('messages-too-short');
  return success(kept.join('\r\n'));
}

/** Whether a line, where it bounds the messages of data channels (RFC 8841 6), leaves room for the longest answer to a command. */
function takesOurMessages(line: string): boolean {
  const [, bytes] = /^a=max-message-size:(.*)$/.exec(line) ?? [];
  // 0: any length.
  return bytes === undefined || /^ ?0+$/.test(bytes) || Number(bytes) >= limits.rpcAnswerMaxBytes;
}

/**
 * Whether a candidate (RFC 8839 5.1, without `a=`) is one for UDP that names its address as an IP literal.
 *
 * A host name would cost the native library one resolver thread each, and so would a port that is not plain digits; dropping
 * a `.local` one is harmless, because the device's own candidates are plain. A TCP one would let a viewer make the device
 * connect to whatever listens in its network.
 */
export function isUsableCandidate(candidate: string): boolean {
  if (candidate.length > limits.candidateMaxBytes) return false;
  const [, address = '', port] = candidateForm.exec(candidate) ?? [];
  return isIpLiteral(address) && Number(port) > 0 && Number(port) <= 65_535;
}

/** The description without its candidates. */
export function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=candidate:.*\r?\n/gm, '');
}
