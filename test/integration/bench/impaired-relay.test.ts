import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import nodeDataChannel, { type PeerConnection } from 'node-datachannel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { headlessPlatform } from '../../../cli/headless/headless-platform.ts';
import type { PathConditions } from '../../../scripts/bench/impaired-path.ts';
import { ImpairedRelay } from '../../../scripts/bench/impaired-relay.ts';
import { relayedPlatform } from '../../../scripts/bench/relayed-platform.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const address = '127.0.0.1';
const payloadType = 102;
const ssrc = 1234;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A device that tells the viewer of nothing but the relay, and a viewer that tells the device nothing of itself. */
async function connectThroughRelay(conditions: Partial<PathConditions>) {
  const devicePort = await freePort();
  const relay = new ImpairedRelay({ deviceAddress: address, devicePorts: [devicePort, devicePort], address });
  const relayPort = await relay.start();
  closers.push(() => relay.stop());
  const viewer = relayedPlatform([relayPort, relayPort]).createConnection({ iceServers: [] });
  const device = new nodeDataChannel.PeerConnection('device', {
    iceServers: [],
    disableAutoNegotiation: true,
    portRangeBegin: devicePort,
    portRangeEnd: devicePort,
  });
  closers.push(
    () => closePeer(device),
    () => viewer.close(),
  );
  const media = new nodeDataChannel.Video('v0', 'SendOnly');
  media.addH264Codec(payloadType);
  media.addSSRC(ssrc, 'device');
  const track = device.addTrack(media);
  await viewer.setRemoteDescription({ type: 'offer', sdp: announce(await createOffer(device), devicePort, relayPort) });
  device.setRemoteDescription((await viewer.createAnswer()).sdp ?? '', 'answer');
  await vi.waitFor(() => expect(track.isOpen()).toBe(true), 5_000);
  // The way to the connection is clear; only the media is impaired.
  relay.change('to-viewer', conditions);
  return { relay, viewer, track };
}

function createOffer(device: PeerConnection): Promise<string> {
  return new Promise((resolve) => {
    device.onGatheringStateChange((state) => state === 'complete' && resolve(device.localDescription()?.sdp ?? ''));
    device.setLocalDescription('offer');
  });
}

function announce(sdp: string, devicePort: number, relayPort: number): string {
  return sdp.replace(/^(a=candidate:\S+ \d UDP \d+) [\d.]+ (\d+) /gm, (line, begin: string, port: string) =>
    Number(port) === devicePort ? `${begin} ${address} ${relayPort} ` : line,
  );
}

function closePeer(peer: PeerConnection): Promise<void> {
  return new Promise((resolve) => {
    peer.onStateChange((state) => state === 'closed' && resolve());
    peer.close();
  });
}

function rtpPacket(sequence: number): Buffer {
  const packet = Buffer.alloc(1000);
  packet.set([0x80, payloadType | 0x80]);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 3000, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet[12] = 0x65;
  return packet;
}

describe('the impaired relay', () => {
  it('stands between a device and a viewer, loses what it should, and says so', async () => {
    const { relay, viewer, track } = await connectThroughRelay({ lossFraction: 0.2 });
    for (let sequence = 0; sequence < 300; sequence += 1) {
      track.sendMessageBinary(rtpPacket(sequence));
      // The sockets hold only so much: they are to lose nothing beside what the relay does.
      if (sequence % 30 === 29)
        await vi.waitFor(() => expect(relay.stats('to-viewer').packetsIn).toBeGreaterThan(sequence));
    }
    await vi.waitFor(async () => {
      const { packetsReceived } = await headlessPlatform.readVideoCounters(viewer);
      const { packetsLost } = relay.stats('to-viewer');
      expect(packetsLost).toBeGreaterThan(30);
      expect(packetsReceived).toBe(300 - packetsLost);
    }, 5_000);
  });

  it('holds the rate of the bottleneck and counts how long packets wait', async () => {
    const { relay, viewer, track } = await connectThroughRelay({ rateKbps: 1000 });
    const startedAtMs = performance.now();
    for (let sequence = 0; sequence < 50; sequence += 1) track.sendMessageBinary(rtpPacket(sequence));
    await vi.waitFor(async () => expect((await headlessPlatform.readVideoCounters(viewer)).packetsReceived).toBe(50), {
      timeout: 5_000,
      interval: 5,
    });
    // 50 packets of 1,038 bytes with SRTP, IP and UDP at 1 Mbit/s are 415 ms.
    const tookMs = performance.now() - startedAtMs;
    expect(tookMs).toBeGreaterThan(390);
    expect(tookMs).toBeLessThan(700);
    const worstMs = relay.takeWorstQueueDelayMs('to-viewer');
    expect(worstMs).toBeGreaterThan(300);
    expect(worstMs).toBeLessThan(450);
    expect(relay.takeWorstQueueDelayMs('to-viewer')).toBe(0);
  });

  it('leaves nothing open', async () => {
    const relay = new ImpairedRelay({ deviceAddress: address, devicePorts: [4000, 4003], address });
    const port = await relay.start();
    await relay.stop();
    await relay.stop();
    const open = execFileSync('cat', ['/proc/net/udp'], { encoding: 'utf8' });
    expect(open).not.toContain(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
  });
});
