import { beforeEach, describe, expect, it, vi } from 'vitest';
import { buildLink } from '../../../../protocol/link.ts';
import type { CameraInfo } from '../../../../protocol/messages.ts';
import { RpcError } from '../../../../protocol/rpc.ts';
import { emptyPictureStats, emptyStats } from '../../../../viewer/client/stats-meter.ts';
import { ViewSession } from '../../../../viewer/ui/view-session.ts';
import { buildViewerInfo, FakeViewerClient } from '../../../fakes/viewer-fake-client.ts';

const linkTo = (number: number) =>
  buildLink('', { devicePublicKey: new Uint8Array(32).fill(number), brokerUrl: 'ws://broker/mqtt' });
const camera: CameraInfo = { id: 'cam0', name: 'Pier', state: 'live' };
const info = buildViewerInfo([camera]);

describe('ViewSession', () => {
  let clients: FakeViewerClient[];
  let session: ViewSession;
  let states: string[];

  beforeEach(() => {
    clients = [];
    session = new ViewSession({
      openClient: async (options) => {
        const client = new FakeViewerClient(options);
        clients.push(client);
        return client;
      },
    });
    states = [];
    session.events.on('status', ({ status }) => states.push(status.state));
  });

  it('says that it is connecting before the client is loaded, and follows the client then', async () => {
    const opening = session.open(linkTo(1), ['cam1']);
    expect(session.status).toEqual({ state: 'connecting', step: 'broker' });
    await opening;
    clients[0]?.say({ state: 'connected' });
    expect(clients[0]?.options.cameras).toEqual(['cam1']);
    expect(states).toEqual(['connecting', 'connecting', 'connected']);
  });

  it('fails with the reason in words when the link is broken', async () => {
    await session.open('https://page/#/pair?k=abc');
    expect(session.status).toEqual({ state: 'failed', error: 'link-invalid' });
    expect(session.message).toContain('The device key (k) is missing');
    expect(clients).toHaveLength(0);
  });

  it('says that the program did not load when it did not', async () => {
    const silence = vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = new ViewSession({ openClient: () => Promise.reject(new Error('404')) });
    await broken.open(linkTo(1));
    expect(broken.status.state).toBe('failed');
    expect(broken.message).toContain('Reload the page');
    silence.mockRestore();
  });

  it('leaves the first device for good when it is given a second', async () => {
    await session.open(linkTo(1));
    await session.open(linkTo(2));
    expect(clients[0]?.isDisconnected).toBe(true);
    clients[0]?.say({ state: 'failed', error: 'revoked' });
    expect(session.status).toEqual({ state: 'connecting', step: 'device' });
  });

  it('never connects when it is closed while the client is loading', async () => {
    const opening = session.open(linkTo(1));
    await session.close();
    await opening;
    expect(session.status).toEqual({ state: 'idle' });
    expect(clients[0]?.status.state).toBe('idle');
  });

  it('takes the camera states that the device sends, and drops what is none', async () => {
    await session.open(linkTo(1));
    clients[0]?.events.emit('accepted', info);
    const missing = { ...camera, state: 'missing', reason: 'unplugged' };
    clients[0]?.events.emit('notification', { method: 'event.camera', params: missing });
    clients[0]?.events.emit('notification', { method: 'event.camera', params: { id: 'cam0' } });
    expect(session.cameras).toEqual([missing]);
  });

  it('keeps a refused choice from being taken for what is', async () => {
    await session.open(linkTo(1));
    clients[0]!.refusal = new RpcError('rate-limited', 'Too many.');
    await expect(session.setQuality('top')).rejects.toMatchObject({ code: 'rate-limited' });
    expect(session.quality).toBe('auto');
  });

  it('takes the chosen quality over to another session with the same device, not to another device', async () => {
    await session.open(linkTo(1));
    await session.setQuality('half');
    clients[0]?.events.emit('notification', {
      method: 'event.quality',
      params: { mid: 'v0', camera: 'cam0', rendition: 'half', targetKbps: 900, reason: 'delay' },
    });
    expect(session.sentQuality('cam0')).toMatchObject({ rendition: 'half', targetKbps: 900, reason: 'delay' });
    await session.open(linkTo(1), ['cam0', 'cam1']);
    expect([session.quality, session.qualityChanges.length]).toEqual(['half', 1]);
    expect(clients.map(({ options }) => options.quality)).toEqual(['auto', 'half']);
    await session.open(linkTo(2));
    expect([session.quality, session.qualityChanges.length]).toEqual(['auto', 0]);
  });

  it('tells each client whether the sound is wanted, also one that was still loading', async () => {
    const opening = session.open(linkTo(1));
    await session.setListening(true);
    await opening;
    clients[0]?.say({ state: 'connected' });
    await session.setListening(false);
    await session.setListening(true);
    await session.open(linkTo(2));
    expect(clients.map(({ isListening }) => isListening)).toEqual([true, true]);
    expect(clients[0]?.asked).toEqual(['sound off', 'sound on']);
  });

  it('counts for how long each picture has stood still', async () => {
    await session.open(linkTo(1));
    const lineOf = (framesPerSecond: number) => ({ ...emptyPictureStats, mid: '', camera: '', framesPerSecond });
    const measure = (...rates: number[]) =>
      clients[0]?.events.emit('stats', { ...emptyStats, lines: rates.map(lineOf) });
    for (const rates of [
      [30, 30],
      [0, 30],
      [0, 30],
    ])
      measure(...rates);
    expect([session.stillSecondsOf(0), session.stillSecondsOf(1)]).toEqual([2, 0]);
    measure(30, 0);
    expect([session.stillSecondsOf(0), session.stillSecondsOf(1)]).toEqual([0, 1]);
  });

  it('counts anew for another camera', async () => {
    await session.open(linkTo(1));
    const line = { ...emptyPictureStats, mid: 'v0', camera: 'cam0', framesPerSecond: 0 };
    clients[0]?.events.emit('stats', { ...emptyStats, lines: [line] });
    expect(session.stillSecondsOf(0)).toBe(1);
    clients[0]?.events.emit('lines', [{ mid: 'v0', camera: 'cam1', shown: 'cam0' }]);
    expect(session.stillSecondsOf(0)).toBe(0);
  });

  it('refuses commands while there is no client', async () => {
    await expect(session.call('device.ping')).rejects.toMatchObject({ code: 'unavailable' });
    await session.open(linkTo(1));
    expect(await session.call('device.ping')).toBe('device.ping done');
  });
});
