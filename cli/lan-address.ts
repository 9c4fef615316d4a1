import { createSocket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { CliError, exitCode } from './exit-code.ts';

type Interfaces = Record<string, NetworkInterfaceInfo[] | undefined>;

/** Bridges of containers and virtual machines: nobody outside this machine reaches their addresses. */
const virtualInterface = /^(docker|br-|veth|virbr|lxc|lxd|cni|podman)/;

/** In TEST-NET-1 (RFC 5737): an address that no network has, so that the way to it is the default route. */
const anywhere = '192.0.2.1';
const discardPort = 9;

/** The address other machines reach this one at: that of the default route, else the first of a real interface. */
export async function findLanAddress(): Promise<string> {
  return chooseLanAddress(await routedAddress(), networkInterfaces());
}

/** @param routed the address of the default route, where there is one */
export function chooseLanAddress(routed: string | null, interfaces: Interfaces): string {
  if (routed !== null) return routed;
  const outer = Object.entries(interfaces)
    .filter(([name]) => !virtualInterface.test(name))
    .flatMap(([, entries]) => entries ?? [])
    .find((entry) => !entry.internal && entry.family === 'IPv4');
  return outer?.address ?? '127.0.0.1';
}

/** A host as it stands in a URL. @throws CliError for what is neither an address nor a name */
export function parseHost(text: string): string {
  if (isIPv6(text)) return `[${text}]`;
  if (isIPv4(text) || /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text)) return text;
  throw new CliError(exitCode.usage, `--host takes an IP address or a host name, not "${text}".`);
}

/** What the kernel would send from, which it says when a UDP socket is connected: no packet is sent. */
function routedAddress(): Promise<string | null> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    const finish = (address: string | null) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => finish(null));
    socket.connect(discardPort, anywhere, () => finish(socket.address().address));
  });
}
