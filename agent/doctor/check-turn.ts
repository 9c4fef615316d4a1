import type { AgentConfig } from '../config/config-schema.ts';
import { mintTurnCredentials } from '../rtc/turn-credentials.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { parseIceServerUrl } from './ice-server-url.ts';
import { describeUnresolved, resolveHost } from './resolve-host.ts';
import { familyOf } from './stun-socket.ts';
import { type AllocationFault, tryAllocation } from './turn-allocation.ts';

export interface TurnCheckContext {
  wallClockMs(): number;
  /** For each step; 2 s when left out. */
  timeoutMs?: number;
  /** Whether the native library gets a relay candidate from these servers; null where it does not load. */
  gathersRelay(
    servers: { urls: string[]; username: string; credential: string }[],
    timeoutMs: number,
  ): Promise<boolean | null>;
}

interface Credentials {
  username: string;
  credential: string;
}

const timeoutDefaultMs = 2_000;
const gatheringTimeoutMs = 3_000;
const credentialTtlSeconds = 120;

/** A real allocation at each TURN server with the configured secret, and one by the native library. Never throws. */
export async function checkTurn(ice: AgentConfig['ice'], context: TurnCheckContext): Promise<Finding[]> {
  const { turn, lanOnly } = ice;
  // The configuration refuses a server without a secret.
  if (lanOnly || turn?.secret === undefined) {
    return [skipped('turn', 'No TURN relay is configured (ice.turn); most viewers do without one.')];
  }
  const expiresAtSeconds = context.wallClockMs() / 1000 + credentialTtlSeconds;
  const credentials = mintTurnCredentials({ secret: turn.secret, viewerId: 'doctor', expiresAtSeconds });
  const stepTimeoutMs = context.timeoutMs ?? timeoutDefaultMs;
  const servers = await Promise.all(turn.urls.map((url) => checkServer(url, credentials, stepTimeoutMs)));
  // The library gives no reasons, so it is asked only where there should be none.
  if (servers.every(({ level }) => level !== 'ok')) return servers;
  const hasRelay = await context.gathersRelay([{ urls: turn.urls, ...credentials }], gatheringTimeoutMs);
  return [...servers, ...(hasRelay === null ? [] : [describeRelay(hasRelay)])];
}

async function checkServer(url: string, credentials: Credentials, timeoutMs: number): Promise<Finding> {
  const { host, port, isUdp } = parseIceServerUrl(url);
  if (!isUdp) {
    return warning(
      'turn',
      `${url} serves browsers alone: the device speaks to a relay over plain UDP.`,
      `Add turn:${host} for the device.`,
      { url, fault: 'not-udp' },
    );
  }
  const resolved = await resolveHost(host, timeoutMs);
  if (!resolved.ok) {
    return failed(
      'turn',
      describeUnresolved(host, resolved.error),
      'Correct ice.turn.urls, or the DNS of this network.',
      {
        url,
        fault: 'unresolved',
      },
    );
  }
  const address = resolved.value.find((candidate) => familyOf(candidate) === 'ipv4') ?? resolved.value[0] ?? host;
  const { username, credential: password } = credentials;
  const allocation = await tryAllocation({ server: { address, port }, username, password, timeoutMs });
  if (!allocation.ok) return describeFault(url, allocation.error);
  if (!allocation.value.isOpen) return ok('turn', `${url} gives this device a relay address.`, { url });
  return warning(
    'turn',
    `${url} relays for anybody, without a password.`,
    'Set use-auth-secret and static-auth-secret there, or strangers will use it up.',
    { url, fault: 'open' },
  );
}

function describeFault(url: string, fault: AllocationFault): Finding {
  const { message, advice } = sentencesFor(url, fault);
  return failed('turn', message, advice, { url, fault });
}

function sentencesFor(url: string, fault: AllocationFault): { message: string; advice: string } {
  switch (fault) {
    case 'silent':
      return {
        message: `${url} does not answer over UDP.`,
        advice: 'Start it, and open its port (usually 3478, UDP) in every firewall on the way.',
      };
    case 'malformed':
      return { message: `What answers at ${url} is no TURN server.`, advice: 'Correct ice.turn.urls.' };
    case 401:
      return {
        message: `${url} does not accept the credentials made with ice.turn.secret.`,
        advice: 'Make it the static-auth-secret of the server, and see that both clocks are right.',
      };
    case 403:
      return { message: `${url} forbids this device to use it.`, advice: 'Allow its address at the server.' };
    case 486:
    case 508:
      return { message: `${url} has no relay address left.`, advice: 'Raise its quotas or its range of ports.' };
    default:
      return { message: `${url} refuses with error ${fault}.`, advice: 'See the log of the TURN server.' };
  }
}

function describeRelay(hasRelay: boolean): Finding {
  if (hasRelay) return ok('turn-relay', 'A session gets a relay candidate.');
  return failed(
    'turn-relay',
    'The TURN server answers, but a session gets no relay candidate from it.',
    'See the log of the TURN server, and report this.',
  );
}
