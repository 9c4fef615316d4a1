import { nodeDiffieHellman } from '../../agent/access/node-diffie-hellman.ts';
import { headlessPlatform } from '../../cli/headless/headless-platform.ts';
import { parseLink } from '../../protocol/link.ts';
import { PortholeClient } from '../../viewer/client/porthole-client.ts';
import { answerRequests } from './answer-requests.ts';
import { relayedPlatform } from './relayed-platform.ts';
import type { ViewerCounters, ViewerRequest } from './viewers.ts';

/** A process with headless viewers, each with an identity and a broker connection of its own. */

const clients: PortholeClient[] = [];
/** Bare receivers of a device that is not Porthole's, by the number of their connection. */
const receivers = new Map<number, RTCPeerConnection>();

answerRequests<ViewerRequest>(async (request) => {
  switch (request.type) {
    case 'open':
      return open(request);
    case 'counters':
      return countAll();
    case 'close':
      await Promise.all(clients.splice(0).map((client) => client.disconnect()));
      return;
    case 'quality':
      await Promise.all(clients.map((client) => client.setQuality(request.quality)));
      return;
    case 'receive':
      return receive(request.connection, request.offer);
  }
});

async function open({ link, count, relayPorts }: Extract<ViewerRequest, { type: 'open' }>): Promise<void> {
  const parsed = parseLink(link);
  if (!parsed.ok) throw new Error(parsed.error);
  for (let opened = 0; opened < count; opened += 1) {
    const client = new PortholeClient({
      link: parsed.value,
      keys: nodeDiffieHellman.generateKeyPair(),
      platform: relayPorts ? relayedPlatform(relayPorts) : headlessPlatform,
      label: 'Benchmark',
    });
    clients.push(client);
    // One after another: a device is not asked by all its viewers in the same millisecond.
    await connected(client);
  }
}

function connected(client: PortholeClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = client.events.on('status', ({ state, error }) => {
      if (state !== 'connected' && state !== 'failed') return;
      stop();
      if (state === 'connected') resolve();
      else reject(new Error(`a viewer failed: ${error}`));
    });
    client.connect();
  });
}

async function countAll(): Promise<ViewerCounters> {
  const counted = await Promise.all([...receivers.values()].map(headlessPlatform.readVideoCounters));
  const all = [...clients.map(({ stats }) => stats), ...counted];
  const sum = (read: (stats: (typeof all)[number]) => number) => all.reduce((total, stats) => total + read(stats), 0);
  return {
    connected: clients.filter(({ status }) => status.state === 'connected').length + receivers.size,
    framesReceived: sum(({ framesDecoded }) => framesDecoded),
    packetsReceived: sum(({ packetsReceived }) => packetsReceived),
    packetsLost: sum(({ packetsLost }) => packetsLost),
  };
}

async function receive(id: number, offer: string): Promise<string> {
  const connection = headlessPlatform.createConnection({ iceServers: [] });
  receivers.set(id, connection);
  await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  return (await connection.createAnswer()).sdp ?? '';
}
