import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { parseResponse, type StunAddress, type StunResponse } from './stun-message.ts';

/** The first repetition of a request that is not answered; each next wait is twice as long (RFC 8489 section 6.2.1, which begins later). */
const firstRetryMs = 250;

/** One UDP socket that asks STUN servers. All it asks goes out of the same port, so that the answers can be compared. */
export class StunSocket {
  private readonly socket: Socket;
  private readonly waiting = new Map<string, (response: StunResponse) => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    // A port that nobody listens on comes back as an error; its silence says as much.
    socket.on('error', () => {});
    socket.on('message', (bytes) => {
      const response = parseResponse(bytes);
      if (response) this.waiting.get(response.transactionId)?.(response);
    });
  }

  /** @throws the system's error when this machine has no such network */
  static async open(family: 'ipv4' | 'ipv6'): Promise<StunSocket> {
    const socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4');
    socket.bind(0);
    await once(socket, 'listening');
    return new StunSocket(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** @returns the answer or null when none comes in time */
  request(
    server: StunAddress,
    { bytes, transactionId }: { bytes: Buffer; transactionId: string },
    timeoutMs: number,
  ): Promise<StunResponse | null> {
    return new Promise((resolve) => {
      const finish = (response: StunResponse | null) => {
        clearTimeout(timer);
        clearTimeout(deadline);
        this.waiting.delete(transactionId);
        resolve(response);
      };
      let timer: NodeJS.Timeout | undefined;
      const send = (retryMs: number) => {
        this.socket.send(bytes, server.port, server.address, () => {});
        timer = setTimeout(() => send(2 * retryMs), retryMs);
      };
      const deadline = setTimeout(() => finish(null), timeoutMs);
      this.waiting.set(transactionId, finish);
      send(firstRetryMs);
    });
  }

  close(): void {
    this.socket.close();
  }
}

export function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
