import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const magicCookie = 0x2112a442;

export interface FakeStunServerOptions {
  /** How the server sees whoever asks; as it is when left out. */
  mapped?(seen: { address: string; port: number }): { address: string; port: number };
  /** How many requests are lost before the first answer. */
  lost?: number;
}

/** Answers STUN binding requests (RFC 8489) on a port of this machine, as seen through a NAT if need be. Ends with the test. */
export class FakeStunServer {
  readonly port: number;
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.port = socket.address().port;
  }

  static async start({ mapped = (seen) => seen, lost = 0 }: FakeStunServerOptions = {}): Promise<FakeStunServer> {
    const socket = createSocket('udp4');
    let toLose = lost;
    socket.on('message', (request, seen) => {
      if (toLose-- > 0) return;
      socket.send(buildAnswer(request, mapped(seen)), seen.port, seen.address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const server = new FakeStunServer(socket);
    onTestFinished(() => server.stop());
    return server;
  }

  get url(): string {
    return `stun:127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.socket.close();
  }
}

/** A success response with XOR-MAPPED-ADDRESS alone. */
function buildAnswer(request: Buffer, { address, port }: { address: string; port: number }): Buffer {
  const answer = Buffer.alloc(32);
  answer.writeUInt16BE(0x0101, 0);
  answer.writeUInt16BE(12, 2);
  request.copy(answer, 4, 4, 20);
  answer.writeUInt16BE(0x0020, 20);
  answer.writeUInt16BE(8, 22);
  answer.writeUInt16BE(1, 24);
  answer.writeUInt16BE(port ^ (magicCookie >>> 16), 26);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  answer.writeUInt32BE((number ^ magicCookie) >>> 0, 28);
  return answer;
}
