import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What a TURN client needs to say to learn what a server allows (RFC 8489 and 8656). */

const methods = { allocate: 0x0003, createPermission: 0x0008 } as const;
const attributes = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  peerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedTransport: 0x0019,
} as const;
const magicCookie = 0x2112a442;
const answerTimeoutMs = 2_000;

/** Error code of the answer, such as 401 or 403; null when the server has done as asked. */
export type TurnRefusal = number | null;

interface Credentials {
  username: string;
  credential: string;
}

export class TurnClient {
  private readonly socket: Socket = createSocket('udp4');
  private readonly server: { host: string; port: number };
  private readonly credentials: Credentials;
  private realm: Buffer = Buffer.alloc(0);
  private nonce: Buffer = Buffer.alloc(0);

  constructor(server: { host: string; port: number }, credentials: Credentials) {
    this.server = server;
    this.credentials = credentials;
  }

  /** Asks for a relayed address. */
  async allocate(): Promise<TurnRefusal> {
    const transport = [attribute(attributes.requestedTransport, Buffer.from([17, 0, 0, 0]))];
    const challenge = await this.request(methods.allocate, transport);
    this.realm = challenge.get(attributes.realm) ?? this.realm;
    this.nonce = challenge.get(attributes.nonce) ?? this.nonce;
    return refusalIn(await this.request(methods.allocate, [...transport, ...this.identity()], true));
  }

  /** Asks to exchange packets with an address. @param peer IPv4 */
  async permit(peer: string): Promise<TurnRefusal> {
    const octets = peer.split('.').map(Number);
    const xored = octets.map((octet, index) => octet ^ ((magicCookie >>> (24 - 8 * index)) & 0xff));
    const address = attribute(attributes.peerAddress, Buffer.from([0, 1, 0, 0, ...xored]));
    return refusalIn(await this.request(methods.createPermission, [address, ...this.identity()], true));
  }

  close(): void {
    this.socket.close();
  }

  private identity(): Buffer[] {
    return [
      attribute(attributes.username, Buffer.from(this.credentials.username)),
      attribute(attributes.realm, this.realm),
      attribute(attributes.nonce, this.nonce),
    ];
  }

  private async request(method: number, parts: readonly Buffer[], isSigned = false): Promise<Map<number, Buffer>> {
    const body = Buffer.concat(parts);
    const integrityBytes = isSigned ? 24 : 0;
    const header = Buffer.alloc(8);
    header.writeUInt16BE(method, 0);
    header.writeUInt16BE(body.length + integrityBytes, 2);
    header.writeUInt32BE(magicCookie, 4);
    const message = Buffer.concat([header, randomBytes(12), body]);
    const signature = isSigned ? [attribute(attributes.integrity, this.sign(message))] : [];
    this.socket.send(Buffer.concat([message, ...signature]), this.server.port, this.server.host);
    const [answer] = await once(this.socket, 'message', { signal: AbortSignal.timeout(answerTimeoutMs) });
    return readAttributes(answer);
  }

  /** RFC 8489 section 9.2.2: the long-term key is a digest over user name, realm and password. */
  private sign(message: Buffer): Buffer {
    const { username, credential } = this.credentials;
    const key = createHash('md5').update(`${username}:${this.realm}:${credential}`).digest();
    return createHmac('sha1', key).update(message).digest();
  }
}

function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc(-value.length & 3)]);
}

function readAttributes(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + (-length & 3);
  }
  return found;
}

function refusalIn(answer: Map<number, Buffer>): TurnRefusal {
  const error = answer.get(attributes.errorCode);
  return error ? (error[2] ?? 0) * 100 + (error[3] ?? 0) : null;
}
