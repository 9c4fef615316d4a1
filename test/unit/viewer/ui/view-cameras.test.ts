import { beforeEach, describe, expect, it, vi } from 'vitest';
import { buildLink } from '../../../../protocol/link.ts';
import { RpcError } from '../../../../protocol/rpc.ts';
import type { Picture } from '../../../../viewer/ui/picture.ts';
import { isAwaited, PictureWall } from '../../../../viewer/ui/picture-wall.ts';
import { type CameraProperties, ViewCameras } from '../../../../viewer/ui/view-cameras.ts';
import { ViewSession } from '../../../../viewer/ui/view-session.ts';
import { buildViewerInfo, FakeViewerClient } from '../../../fakes/viewer-fake-client.ts';

/** A picture without elements. */
function buildPicture(): Picture {
  const video = { muted: true, volume: 1 };
  const picture = { video, isShown: false, isHeld: false, show: vi.fn(), clear: vi.fn(), hold: vi.fn() };
  return picture as unknown as Picture;
}

const buildWall = () => new PictureWall({ buildPicture, onChange() {} });
const stream = {} as MediaStream;
const camerasOf = (wall: PictureWall) => wall.tiles.map(({ camera }) => camera);

describe('PictureWall', () => {
  it('keeps the pictures that stay, and clears those that go', () => {
    const wall = buildWall();
    const [first] = wall.tiles;
    wall.arrange(['a', 'b']);
    const [, second] = wall.tiles;
    wall.arrange(['b']);
    expect(wall.tiles[0]?.picture).toBe(first?.picture);
    expect(second?.picture.clear).toHaveBeenCalled();
    expect(first?.picture.clear).not.toHaveBeenCalled();
  });

  it('learns from the stream which camera is the first of the device', () => {
    const wall = buildWall();
    wall.arrange([]);
    wall.show({ line: 0, camera: 'cam0', stream });
    expect(wall.main.camera).toBe('cam0');
  });

  it('makes another picture the large one without moving any', () => {
    const wall = buildWall();
    wall.arrange(['a', 'b', 'c']);
    expect(wall.enlarge('c')).toBe(true);
    expect(wall.main.camera).toBe('c');
    expect(camerasOf(wall)).toEqual(['a', 'b', 'c']);
    expect(wall.enlarge('d')).toBe(false);
    expect(wall.main.camera).toBe('c');
  });

  it('knows a picture that is of another camera than the chosen one, until that has come', () => {
    const wall = buildWall();
    Object.assign(wall.main.picture, { isShown: true });
    wall.setLines([{ mid: 'v0', camera: 'a', shown: 'a' }]);
    expect(isAwaited(wall.main)).toBe(false);
    wall.setLines([{ mid: 'v0', camera: 'b', shown: 'a' }]);
    expect([wall.main.camera, isAwaited(wall.main)]).toEqual(['b', true]);
    wall.setLines([{ mid: 'v0', camera: 'b', shown: 'b' }]);
    expect(isAwaited(wall.main)).toBe(false);
  });

  it('does not take the held picture of one session for that of the next', () => {
    const wall = buildWall();
    const { picture } = wall.main;
    Object.assign(picture, { isShown: true });
    wall.setLines([{ mid: 'v0', camera: 'a', shown: 'a' }]);
    Object.assign(picture, { isHeld: true });
    wall.arrange(['b']);
    wall.setLines([{ mid: 'v0', camera: 'b', shown: 'b' }]);
    expect(isAwaited(wall.main)).toBe(true);
    Object.assign(picture, { isHeld: false });
    wall.handlePicture();
    expect(isAwaited(wall.main)).toBe(false);
  });

  it('plays the sound of the first line, whichever is large', () => {
    const wall = buildWall();
    wall.arrange(['a', 'b']);
    wall.enlarge('b');
    wall.isMuted = false;
    wall.volume = 0.5;
    expect(wall.tiles.map(({ picture }) => picture.video.muted)).toEqual([false, true]);
    expect(wall.tiles[0]?.picture.video.volume).toBe(0.5);
  });
});

describe('ViewCameras', () => {
  const link = buildLink('', { devicePublicKey: new Uint8Array(32).fill(1), brokerUrl: 'ws://broker/mqtt' });
  let view: CameraProperties;
  let wall: PictureWall;
  let clients: FakeViewerClient[];
  let problems: string[];
  let cameras: ViewCameras;

  const connect = async () => {
    cameras.open(link);
    await vi.waitFor(() => expect(clients).toHaveLength(1));
    const wanted = clients[0]?.options.cameras ?? [];
    const given = wanted.length > 0 ? wanted : ['a'];
    clients[0]?.show(...given);
    for (const [line, camera] of given.entries()) clients[0]?.events.emit('stream', { line, camera, stream });
    clients[0]?.events.emit('accepted', buildViewerInfo([]));
    clients[0]?.say({ state: 'connected' });
  };

  beforeEach(() => {
    view = { camera: '', cameras: [] };
    wall = buildWall();
    clients = [];
    problems = [];
    const session = new ViewSession({
      openClient: async (options) => {
        const client = new FakeViewerClient(options);
        clients.push(client);
        return client;
      },
    });
    session.events.on('stream', (shown) => wall.show(shown));
    session.events.on('lines', (lines) => wall.setLines(lines));
    cameras = new ViewCameras({ view, session, wall, onProblem: (sentence) => problems.push(sentence) });
  });

  it('asks for the one camera that is named, or for none', async () => {
    await connect();
    expect(clients[0]?.options.cameras).toEqual([]);
    view.camera = 'b';
    cameras.open(link);
    await vi.waitFor(() => expect(clients[1]?.options.cameras).toEqual(['b']));
  });

  it('switches to a camera that is not on show without a new session', async () => {
    await connect();
    cameras.choose({ camera: 'b' });
    cameras.follow(link);
    await vi.waitFor(() => expect(wall.main.camera).toBe('b'));
    expect(clients[0]?.asked).toEqual(['camera b']);
    expect(clients).toHaveLength(1);
  });

  it('stays at the camera that it has when the device refuses, and says so', async () => {
    await connect();
    clients[0]!.refusal = new RpcError('unavailable', 'It is not there.');
    cameras.choose({ camera: 'b' });
    cameras.follow(link);
    await vi.waitFor(() => expect(problems).toEqual(['The camera stays as it is: It is not there.']));
    expect([view.camera, wall.main.camera]).toEqual(['a', 'a']);
  });

  it('enlarges a camera that is on show without asking the device', async () => {
    view.cameras = ['a', 'b'];
    await connect();
    cameras.choose({ camera: 'b' });
    cameras.follow(link);
    expect(wall.main.camera).toBe('b');
    expect(clients[0]?.asked).toEqual([]);
  });

  it('puts a camera that is not among several on the first line, and makes it large', async () => {
    view.cameras = ['a', 'b'];
    await connect();
    cameras.choose({ camera: 'b' });
    cameras.choose({ camera: 'c' });
    cameras.follow(link);
    await vi.waitFor(() => expect(camerasOf(wall)).toEqual(['c', 'b']));
    expect(wall.main.camera).toBe('c');
  });

  it('opens a session for other cameras, not for another list of the same', async () => {
    await connect();
    view.cameras = ['a', 'b'];
    cameras.follow(link);
    await vi.waitFor(() => expect(clients).toHaveLength(2));
    view.cameras = ['a', 'b'];
    cameras.follow(link);
    expect(camerasOf(wall)).toEqual(['a', 'b']);
    expect(clients).toHaveLength(2);
  });

  it('takes a choice of one device not to the next, and leaves alone what the page has set', () => {
    view.cameras = ['a', 'b'];
    cameras.forgetChoice();
    expect(view.cameras).toEqual(['a', 'b']);
    cameras.choose({ camera: 'b', cameras: [] });
    cameras.forgetChoice();
    expect(view).toEqual({ camera: '', cameras: [] });
  });
});
