import { appendFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mintTurnCredentials } from '../../../agent/rtc/turn-credentials.ts';
import { AgentBench } from '../../helpers/agent-bench.ts';
import { DeployFolder, DeployProgram, findFreePorts, isInstalled } from '../../helpers/deploy-program.ts';
import { startStaticHost } from '../../helpers/deploy-static-host.ts';
import { TurnClient } from '../../helpers/deploy-turn-client.ts';
import { openBrowser, ViewerPage } from '../../helpers/e2e/browser.ts';
import { endAll } from '../../helpers/e2e/command.ts';

const secret = 'a secret of this test';
const shippedAddress = '203.0.113.10';

afterEach(endAll);

describe.runIf(isInstalled('turnserver', 'coturn'))('coturn with the shipped file', () => {
  const host = ownAddress();
  let relay: { folder: DeployFolder; program: DeployProgram; port: number };

  beforeAll(async () => {
    relay = await startRelay(host);
  });

  afterAll(async () => {
    await relay.program.stop();
    await relay.folder.remove();
  });

  const clientUntil = (expiresInSeconds: number, sharedSecret = secret) => {
    const expiresAtSeconds = Date.now() / 1000 + expiresInSeconds;
    const credentials = mintTurnCredentials({ secret: sharedSecret, viewerId: 'viewer', expiresAtSeconds });
    const client = new TurnClient({ host, port: relay.port }, credentials);
    onTestFinished(() => client.close());
    return client;
  };

  it('carries the picture to a viewer that has no other path', async () => {
    const bench = await AgentBench.start({
      ice: { stun: [], turn: { urls: [`turn:${host}:${relay.port}`], secret } },
    });
    const { pageUrl } = await startStaticHost('/porthole/');
    const context = await openBrowser();
    // A browser keeps to this policy. libdatachannel does not, so that a viewer without a screen would prove nothing here.
    await context.addInitScript(() => {
      const Original = RTCPeerConnection;
      const made: RTCPeerConnection[] = [];
      globalThis.RTCPeerConnection = class extends Original {
        constructor(config?: RTCConfiguration) {
          super({ ...config, iceTransportPolicy: 'relay' });
          made.push(this);
        }
      };
      Object.assign(globalThis, { peerConnectionsMade: made });
    });
    const viewer = await ViewerPage.open(context, (await bench.invite()).replace(/^[^#]*/, pageUrl));
    await viewer.untilState('connected');
    await viewer.untilMoved(1_000);
    expect(await viewer.page.evaluate(selectedCandidateTypes)).toEqual(['relay']);
  });

  it('takes the credentials of the agent until they end, and no others', async () => {
    expect(await clientUntil(60).allocate()).toBeNull();
    expect(await clientUntil(-60).allocate()).toBe(401);
    expect(await clientUntil(60, 'another secret').allocate()).toBe(401);
  });

  it('is no way into the network that it stands in', async () => {
    const client = clientUntil(60);
    expect(await client.allocate()).toBeNull();
    expect(await client.permit('8.8.8.8')).toBeNull();
    const inside = ['10.0.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1', '100.64.0.1', '0.0.0.0'];
    for (const peer of inside) expect([peer, await client.permit(peer)]).toEqual([peer, 403]);
  });
});

/** In the page: over which kinds of candidates of its own the packets go. */
async function selectedCandidateTypes(): Promise<string[]> {
  const { peerConnectionsMade } = globalThis as unknown as { peerConnectionsMade: RTCPeerConnection[] };
  const types = peerConnectionsMade.map(async (connection) => {
    const stats = await connection.getStats();
    const reports = [...stats.values()];
    const transport = reports.find(({ type }) => type === 'transport');
    return stats.get(stats.get(transport?.selectedCandidatePairId)?.localCandidateId)?.candidateType;
  });
  return Promise.all(types);
}

/** @param host address of this machine: that of the relay, and the only one inside that it may lead to */
async function startRelay(host: string) {
  const folder = await DeployFolder.create();
  const certs = folder.createCertificates();
  const [port, tlsPort] = (await findFreePorts(2)) as [number, number];
  const config = await folder.copy('coturn/turnserver.conf', 'turnserver.conf', {
    [shippedAddress]: host,
    '\nlistening-port=3478': `\nlistening-port=${port}`,
    'tls-listening-port=5349': `tls-listening-port=${tlsPort}`,
    '/etc/coturn/certs': certs,
    'REPLACE-WITH-A-SECRET': secret,
  });
  await appendFile(
    config,
    `\nlistening-ip=${host}\nrelay-ip=${host}\npidfile=${folder.in('pid')}\nuserdb=${folder.in('db')}\n`,
  );
  const program = new DeployProgram('turnserver', ['-c', config]);
  await program.untilListening([port, tlsPort], 10_000, host);
  return { folder, program, port };
}

/** libdatachannel takes part with addresses other than the loopback's only. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
