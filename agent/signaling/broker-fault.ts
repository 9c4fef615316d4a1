/** How far a connection came. */
export type BrokerStep = 'tcp' | 'tls' | 'login';

export type BrokerFault =
  | 'refused'
  | 'no-route'
  | 'silent'
  | 'closed'
  | 'unknown-authority'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'wrong-host'
  | 'not-tls'
  | 'not-websocket'
  | 'not-mqtt'
  | 'bad-credentials'
  | 'not-authorised'
  | 'server-unavailable'
  | 'other';

export interface BrokerProbeFailure {
  step: BrokerStep;
  fault: BrokerFault;
  /** What the system or the library says, for the details. */
  reason: string;
}

const faultsByCode = new Map<string | number, BrokerFault>([
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'no-route'],
  ['ENETUNREACH', 'no-route'],
  ['ETIMEDOUT', 'silent'],
  ['ECONNRESET', 'closed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-authority'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-authority'],
  ['CERT_HAS_EXPIRED', 'certificate-expired'],
  ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-host'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not-tls'],
  // Return codes of CONNACK (MQTT 3.1.1 section 3.2.2.3).
  [3, 'server-unavailable'],
  [4, 'bad-credentials'],
  [5, 'not-authorised'],
]);

/** What an error of a socket, of TLS, of the WebSocket or of the MQTT library means. */
export function explainFault(error: Error): { fault: BrokerFault; reason: string } {
  // A host with several addresses fails with one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first ? first.code : undefined;
  // OpenSSL puts its source file and line behind the words.
  const reason = (first instanceof Error ? first.message : String(first)).replace(
    /^.*:SSL routines:[^:]*:([^:]*):.*$/s,
    '$1',
  );
  const known = faultsByCode.get(code as string | number);
  if (known) return { fault: known, reason };
  if (/^Unexpected server response|subprotocol/.test(reason)) return { fault: 'not-websocket', reason };
  // The parser of MQTT gives its errors no code, and the byte limit in front of it gives them ours.
  return { fault: code === undefined || code === 'broker-stream' ? 'not-mqtt' : 'other', reason };
}
