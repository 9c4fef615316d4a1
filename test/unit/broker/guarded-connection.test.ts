import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { GuardedConnection, type Transport } from '../../../broker/guarded-connection.ts';

class FakeTransport implements Transport {
  queuedBytes = 0;
  sent: Buffer[] = [];
  calls: string[] = [];
  send(bytes: Uint8Array): void {
    this.sent.push(Buffer.from(bytes));
    this.queuedBytes += bytes.length;
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  close(): void {
    this.calls.push('close');
  }
  terminate(): void {
    this.calls.push('terminate');
  }
}

function buildConnection(packetsPerSecond = 1_000) {
  const transport = new FakeTransport();
  const onRefused = vi.fn();
  const onDropped = vi.fn();
  const connection = new GuardedConnection({
    transport,
    packetMaxBytes: 64 * 1024,
    queueMaxBytes: 1_000,
    packetsPerSecond,
    onRefused,
    onDropped,
    nowMs: () => 0,
  });
  connection.on('error', () => {});
  return { connection, transport, onRefused, onDropped };
}

const publish = Uint8Array.of(0x30, 4, 0, 1, 0x61, 0x62);

describe('a guarded connection', () => {
  test('hands the bytes of whole and cut packets on', async () => {
    const { connection } = buildConnection();
    connection.receive(publish.subarray(0, 3));
    connection.receive(publish.subarray(3));
    await once(connection, 'readable');
    expect(connection.read()).toEqual(Buffer.from(publish));
  });

  test('pauses the transport while nobody reads and resumes it then', async () => {
    const { connection, transport } = buildConnection();
    for (let packet = 0; packet < 4; packet += 1) {
      connection.receive(Buffer.concat([Uint8Array.of(0x30, 0x80, 0x80, 0x01), Buffer.alloc(16 * 1024)]));
    }
    expect(transport.calls.at(-1)).toBe('pause');
    connection.read();
    expect(transport.calls.at(-1)).toBe('resume');
  });

  test('sends the packets of one tick as one piece', async () => {
    const { connection, transport } = buildConnection();
    connection.cork();
    connection.write(Buffer.from('a'));
    connection.write(Buffer.from('b'));
    connection.uncork();
    expect(transport.sent.map(String)).toEqual(['ab']);
  });

  test('never holds the writer back, and gives up a client that does not read', async () => {
    const { connection, transport, onRefused } = buildConnection();
    for (let write = 0; write < 10; write += 1) expect(connection.write(Buffer.alloc(100))).toBe(true);
    expect(onRefused).not.toHaveBeenCalled();

    connection.write(Buffer.alloc(1));

    expect(onRefused).toHaveBeenCalledExactlyOnceWith('slow-client');
    expect(transport.sent).toHaveLength(10);
    await vi.waitFor(() => expect(connection.closed).toBe(true));
    expect(transport.calls).toContain('terminate');
  });

  test('drops what is over the rate, and ends a flood', () => {
    const { connection, onRefused, onDropped } = buildConnection(1);
    for (let packet = 0; packet < 5; packet += 1) connection.receive(publish);
    expect(onDropped).not.toHaveBeenCalled();
    for (let packet = 0; packet < 20; packet += 1) connection.receive(publish);
    expect(onDropped).toHaveBeenCalledTimes(20);
    expect(onRefused).not.toHaveBeenCalled();
    connection.receive(publish);
    connection.receive(publish);
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('flood');
    expect(connection.destroyed).toBe(true);
  });

  test('takes more once the client is known', () => {
    const { connection, onDropped } = buildConnection(1);
    connection.allowRate(100);
    for (let packet = 0; packet < 500; packet += 1) connection.receive(publish);
    expect(onDropped).not.toHaveBeenCalled();
  });

  test('counts control frames as packets', () => {
    const { connection, onRefused } = buildConnection(1);
    const answered = Array.from({ length: 30 }, () => connection.receiveControlFrame());
    expect(answered.filter(Boolean)).toHaveLength(5);
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('flood');
  });

  test('closes the transport politely when the broker ends it', async () => {
    const { connection, transport } = buildConnection();
    connection.destroy();
    await once(connection, 'close');
    expect(transport.calls).toContain('close');
    expect(transport.calls).not.toContain('terminate');
  });

  test('lets the broker read what came before the end', async () => {
    const { connection } = buildConnection();
    connection.receive(publish);
    connection.receiveEnd();
    connection.receiveEnd();
    const chunks: Buffer[] = [];
    for await (const chunk of connection) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(publish));
    expect(connection.destroyed).toBe(true);
  });
});
