import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashPassword } from '../../../broker/password-hash.ts';
import { RunningCommand, tempDir } from './command.ts';

/** The account that agents have at {@link startDeviceBroker}. */
export const deviceAccount = { name: 'device', password: 'only a wire apart' };

/** What an agent is told of the broker. */
export interface DeviceBroker {
  url: string;
  links: { pageUrl: string; brokerUrl: string };
}

/**
 * `porthole broker` on free ports, for agents that are not of this process.
 * @param address where the agent reaches this machine; other than loopback, the broker listens on all networks
 */
export async function startDeviceBroker(address: string): Promise<DeviceBroker> {
  const users = join(await tempDir(), 'users.yaml');
  const user = {
    name: deviceAccount.name,
    passwordHash: await hashPassword(deviceAccount.password),
    publish: ['porthole/1/+/status', 'porthole/1/+/out/+'],
    subscribe: ['porthole/1/+/in/+'],
  };
  await writeFile(users, JSON.stringify({ users: [user] }));
  const network = address === '127.0.0.1' ? [] : ['--lan'];
  const broker = new RunningCommand(['broker', ...network, '--broker-users', users, '--port', '0', '--mqtt-port', '0']);
  const line = await broker.firstLine();
  const [, http, mqtt] = /:(\d+)\/ +MQTT (\d+)/.exec(line) ?? [];
  if (!http || !mqtt) throw new Error(`the broker said: ${line}`);
  return {
    url: `mqtt://${address}:${mqtt}`,
    links: { pageUrl: `http://${address}:${http}/`, brokerUrl: `ws://${address}:${http}/mqtt` },
  };
}
