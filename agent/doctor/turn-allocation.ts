import { failure, type Result, success } from '../../protocol/result.ts';
import { encodeRequest, encodeUint32, type StunAddress, type StunResponse, stunAttributes } from './stun-message.ts';
import { familyOf, StunSocket } from './stun-socket.ts';

/** Why there is no relay address. A number is the error code of the server (RFC 8656 section 19). */
export type AllocationFault = 'silent' | 'malformed' | number;

export interface Allocation {
  /** Whether the server relays for anybody, without asking for credentials. */
  isOpen: boolean;
}

/** UDP, in the first byte (RFC 8656 section 18.8). */
const udpTransport = encodeUint32(17 << 24);
const staleNonce = 438;

/**
 * Asks a TURN server for a relay address as a client does, and gives it back at once.
 *
 * @param options.timeoutMs for each of two or three requests
 */
export async function tryAllocation(options: {
  server: StunAddress;
  username: string;
  password: string;
  timeoutMs: number;
}): Promise<Result<Allocation, AllocationFault>> {
  const { server, username, password, timeoutMs } = options;
  const socket = await StunSocket.open(familyOf(server.address));
  try {
    const transport = [[stunAttributes.requestedTransport, udpTransport] as const];
    // The first request is refused by design: the refusal brings realm and nonce (RFC 8489 section 9.2.3).
    let response = await socket.request(server, encodeRequest('allocate', transport), timeoutMs);
    if (response && !response.isError) return response.relayed ? success({ isOpen: true }) : failure('malformed');
    for (let attempt = 0; attempt < 2 && hasChallenge(response); attempt += 1) {
      const credential = { username, password, realm: response.realm, nonce: response.nonce };
      response = await socket.request(server, encodeRequest('allocate', transport, credential), timeoutMs);
      if (response && !response.isError) {
        const lifetime = [[stunAttributes.lifetime, encodeUint32(0)] as const];
        await socket.request(server, encodeRequest('refresh', lifetime, credential), timeoutMs);
        return response.relayed ? success({ isOpen: false }) : failure('malformed');
      }
      if (response?.error?.code !== staleNonce) break;
    }
    if (response === null) return failure('silent');
    return failure(response.error?.code ?? 'malformed');
  } finally {
    socket.close();
  }
}

function hasChallenge(
  response: StunResponse | null,
): response is StunResponse & { realm: string; nonce: NonNullable<StunResponse['nonce']> } {
  return response !== null && response.realm !== null && response.nonce !== null;
}
