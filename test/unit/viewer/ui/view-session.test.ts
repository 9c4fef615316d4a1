import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../../protocol/emitter.ts';
import { buildLink } from '../../../../protocol/link.ts';
import type { CameraInfo } from '../../../../protocol/messages.ts';
import type { PortholeClientEvents } from '../../../../viewer/client/porthole-client.ts';
import { emptyStats } from '../../../../viewer/client/stats-meter.ts';
import type { ViewerStatus } from '../../../../viewer/client/viewer-status.ts';
import { ViewSession } from '../../../../viewer/ui/view-session.ts';
import type { OpenClientOptions, ViewerClient } from '../../../../viewer/ui/viewer-client.ts';

class FakeClient implements ViewerClient {
  readonly events = new Emitter<PortholeClientEvents>();
  readonly options: OpenClientOptions;
  status: ViewerStatus = { state: 'idle' };
  session = null;
  isDisconnected = false;

  constructor(options: OpenClientOptions) {
    this.options = options;
  }
  connect() {
    this.say({ state: 'connecting', step: 'device' });
  }
  async disconnect() {
    this.isDisconnected = true;
  }
  call = async (method: string) => `${method} done`;
  handleFrame() {}
  say(status: ViewerStatus) {
    this.status = status;
    this.events.emit('status', status);
  }
}

const linkTo = (number: number) =>
  buildLink('', { devicePublicKey: new Uint8Array(32).fill(number), brokerUrl: 'ws://broker/mqtt' });
const camera: CameraInfo = { id: 'cam0', name: 'Pier', state: 'live' };
const info = {
  role: 'view' as const,
  device: { name: 'D', version: '1' },
  cameras: [camera],
  hasAudio: false,
  canTalk: false,
};

describe('ViewSession', () => {
  let clients: FakeClient[];
  let session: ViewSession;
  let states: string[];

  beforeEach(() => {
    clients = [];
    session = new ViewSession({
      openClient: async (options) => {
        const client = new FakeClient(options);
        clients.push(client);
        return client;
      },
    });
    states = [];
    session.events.on('status', ({ status }) => states.push(status.state));
  });

  it('says that it is connecting before the client is loaded, and follows the client then', async () => {
    const opening = session.open(linkTo(1), 'cam1');
    expect(session.status).toEqual({ state: 'connecting', step: 'broker' });
    await opening;
    clients[0]?.say({ state: 'connected' });
    expect(clients[0]?.options.camera).toBe('cam1');
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

  it('counts for how long the picture has stood still', async () => {
    await session.open(linkTo(1));
    const measure = (framesPerSecond: number) => clients[0]?.events.emit('stats', { ...emptyStats, framesPerSecond });
    for (const framesPerSecond of [30, 0, 0]) measure(framesPerSecond);
    expect(session.stillSeconds).toBe(2);
    measure(30);
    expect(session.stillSeconds).toBe(0);
  });

  it('refuses commands while there is no client', async () => {
    await expect(session.call('device.ping')).rejects.toMatchObject({ code: 'unavailable' });
    await session.open(linkTo(1));
    expect(await session.call('device.ping')).toBe('device.ping done');
  });
});
