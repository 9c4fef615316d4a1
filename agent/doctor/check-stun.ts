import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AgentConfig } from '../config/config-schema.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { parseIceServerUrl } from './ice-server-url.ts';
import { describeNat, type NatObservation } from './nat-kind.ts';
import { resolveHost } from './resolve-host.ts';
import { encodeRequest, type StunAddress } from './stun-message.ts';
import { familyOf, StunSocket } from './stun-socket.ts';

export interface StunCheckContext {
  /** To look a name up, and again for the answer; 2.5 s when left out. */
  timeoutMs?: number;
}

type ServerOutcome =
  | { url: string; fault: 'unresolved' | 'unusable' }
  | { url: string; fault: 'silent'; server: StunAddress }
  | { url: string; fault: null; server: StunAddress; mapped: StunAddress; durationMs: number };

const timeoutDefaultMs = 2_500;
const bindingRequest = () => encodeRequest('binding');

/** Whether the STUN servers answer over UDP, and what kind of NAT lies in between. Never throws. */
export async function checkStun(ice: AgentConfig['ice'], context: StunCheckContext = {}): Promise<Finding[]> {
  const { timeoutMs = timeoutDefaultMs } = context;
  if (ice.lanOnly) return [skipped('stun', 'Not needed: viewers are on this network alone (ice.lanOnly).')];
  if (ice.stun.length === 0) return [skipped('stun', 'No STUN server is configured (ice.stun).')];
  const socket = await StunSocket.open('ipv4');
  try {
    const outcomes = await Promise.all(ice.stun.map((url) => askServer(socket, url, timeoutMs)));
    const answers = outcomes.filter((outcome) => outcome.fault === null);
    const [first] = answers;
    if (!first) return [describeSilence(outcomes)];
    const observation: NatObservation = {
      local: { address: await localAddressTowards(first.server), port: socket.port },
      mapped: answers.map(({ mapped }) => mapped),
      hasTurn: ice.turn !== undefined,
    };
    return [...outcomes.map(describeServer), ...describeNat(observation)];
  } finally {
    socket.close();
  }
}

async function askServer(socket: StunSocket, url: string, timeoutMs: number): Promise<ServerOutcome> {
  const { host, port, isUdp } = parseIceServerUrl(url);
  if (!isUdp) return { url, fault: 'unusable' };
  const resolved = await resolveHost(host, timeoutMs);
  const address = resolved.ok ? resolved.value.find((candidate) => familyOf(candidate) === 'ipv4') : undefined;
  if (address === undefined) return { url, fault: 'unresolved' };
  const server = { address, port };
  const startMs = performance.now();
  const response = await socket.request(server, bindingRequest(), timeoutMs);
  if (!response?.mapped) return { url, fault: 'silent', server };
  return { url, fault: null, server, mapped: response.mapped, durationMs: Math.round(performance.now() - startMs) };
}

function describeServer(outcome: ServerOutcome): Finding {
  const { url, fault } = outcome;
  switch (fault) {
    case null:
      return ok('stun', `${url} answers over UDP (${outcome.durationMs} ms).`, { url, durationMs: outcome.durationMs });
    case 'silent':
      return warning('stun', `${url} does not answer.`, 'Take it out of ice.stun, or correct it.', { url, fault });
    case 'unresolved':
      return warning('stun', `The host of ${url} is not known, or has no IPv4 address.`, 'Correct ice.stun.', {
        url,
        fault,
      });
    case 'unusable':
      return warning('stun', `${url} is of no use: the device asks over plain UDP alone.`, 'Give a stun: address.', {
        url,
        fault,
      });
  }
}

function describeSilence(outcomes: readonly ServerOutcome[]): Finding {
  const urls = outcomes.map(({ url }) => url);
  const ifOnlyHere = 'if all viewers are on this network, set ice.lanOnly to true';
  return outcomes.some(({ fault }) => fault === 'silent')
    ? failed(
        'stun',
        'No STUN server answers: UDP to the Internet is blocked.',
        `Allow outgoing UDP in the firewall or router; ${ifOnlyHere}.`,
        { urls, fault: 'udp-blocked' },
      )
    : failed(
        'stun',
        'No STUN server can be found by its name.',
        `Connect this device to the Internet, or repair its DNS; ${ifOnlyHere}.`,
        { urls, fault: 'unresolved' },
      );
}

/** The own address on the way there. Connecting a UDP socket sends nothing. */
async function localAddressTowards({ address, port }: StunAddress): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
