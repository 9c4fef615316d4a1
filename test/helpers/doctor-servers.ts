import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface SelfSigned {
  /** The certificate, which is its own authority. */
  certFile: string;
  key: Buffer;
  cert: Buffer;
}

/** A certificate for an address or name, made by OpenSSL. Gone with the test. @param options.days -1: expired a day ago */
export function createSelfSigned({ altName, days }: { altName: string; days: number }): SelfSigned {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-doctor-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [keyFile, requestFile, certFile, extensions] = ['key', 'csr', 'crt', 'cnf'].map((name) => join(folder, name));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', keyFile!);
  openssl('req', '-new', '-key', keyFile!, '-subj', '/CN=test', '-out', requestFile!);
  writeFileSync(extensions!, `subjectAltName=${altName}\n`);
  const validity = ['-days', String(days), '-extfile', extensions!];
  openssl('x509', '-req', '-in', requestFile!, '-signkey', keyFile!, ...validity, '-out', certFile!);
  return { certFile: certFile!, key: readFileSync(keyFile!), cert: readFileSync(certFile!) };
}

/** TLS in front of a port of this machine. Ends with the test. @returns its port */
export async function startTls({ key, cert }: SelfSigned, innerPort: number): Promise<number> {
  const server = createServer({ key, cert }, (outer) => {
    const inner = connect(innerPort, '127.0.0.1');
    outer.on('error', () => inner.destroy()).pipe(inner);
    inner.on('error', () => outer.destroy()).pipe(outer);
  });
  server.on('tlsClientError', () => {});
  return startServer(server);
}

/** A port that takes connections and never says a word. Ends with the test. */
export async function startSilent(): Promise<number> {
  return startServer(createTcpServer((socket) => socket.on('error', () => {}).resume()));
}

async function startServer(server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
