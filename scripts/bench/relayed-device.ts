import { networkInterfaces } from 'node:os';
import { type Device, startDevice } from './device.ts';
import type { PathConditions } from './impaired-path.ts';
import { ImpairedRelay } from './impaired-relay.ts';
import type { Announcement } from './relay-candidates.ts';
import type { Started } from './started.ts';

/** The path between a device and its viewers, in both directions. */
export interface RelayedPath {
  relay: ImpairedRelay;
  announcement: Announcement;
  /** Of the relay: what a page may see of the device. */
  ports: [number, number];
}

/** Sessions end a little after their page; each has a port to itself meanwhile. */
const portsCount = 8;
// Below the ports that the system gives out by itself.
let nextDevicePort = 21_000;

/** A relay to ports that nobody listens at yet. */
export async function openRelayedPath(started: Started, conditions: Partial<PathConditions>): Promise<RelayedPath> {
  const devicePorts: [number, number] = [nextDevicePort, nextDevicePort + portsCount - 1];
  nextDevicePort += portsCount;
  const address = machineAddress();
  const relay = new ImpairedRelay({ deviceAddress: address, devicePorts, address });
  const firstPort = await relay.start();
  started.onEnd(() => relay.stop());
  changePath(relay, conditions);
  return { relay, announcement: { devicePorts, address, firstPort }, ports: [firstPort, firstPort + portsCount - 1] };
}

/** A device that viewers reach through the relay alone. */
export function startRelayedDevice(started: Started, { announcement }: RelayedPath): Promise<Device> {
  const { address, devicePorts, firstPort } = announcement;
  const announce = { address, ports: { from: firstPort }, only: true };
  return startDevice(started, { ice: { portRange: devicePorts, announce } });
}

/** Both directions alike, but for the bottleneck, which only the pictures have. */
export function changePath(relay: ImpairedRelay, { rateKbps, ...both }: Partial<PathConditions>): void {
  relay.change('to-viewer', { ...both, ...(rateKbps !== undefined && { rateKbps }) });
  relay.change('to-device', both);
}

/** Browsers use no loopback addresses of their own: the first of another kind, where there is one. */
function machineAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find((entry) => entry && !entry.internal && entry.family === 'IPv4')?.address ?? '127.0.0.1';
}
