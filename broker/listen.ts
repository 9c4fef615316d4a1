import type { AddressInfo, Server } from 'node:net';
import { BrokerError, type PortOption } from './broker-error.ts';

/** @returns the port, which is another than the given one when that is 0. @throws {BrokerError} */
export function listen(server: Server, at: { host: string; port: number; option: PortOption }): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(BrokerError.listenFailed(error, at));
    server.once('error', onError);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Stops accepting and waits for the connections, which the caller has ended. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close(() => resolve());
    else resolve();
  });
}
