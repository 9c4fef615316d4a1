import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findV4l2Cameras } from '../../../../agent/camera/v4l2-devices.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'porthole-v4l2-'));
});

afterEach(() => rm(root, { recursive: true }));

async function addNode(number: number, name: string, index = 0): Promise<void> {
  const folder = join(root, `sys/class/video4linux/video${number}`);
  await mkdir(folder, { recursive: true });
  await mkdir(join(root, 'dev'), { recursive: true });
  await writeFile(join(folder, 'name'), `${name}\n`);
  await writeFile(join(folder, 'index'), `${index}\n`);
  await writeFile(join(root, `dev/video${number}`), '');
}

async function addLink(name: string, number: number): Promise<string> {
  await mkdir(join(root, 'dev/v4l/by-id'), { recursive: true });
  const link = join(root, 'dev/v4l/by-id', name);
  await symlink(`../../video${number}`, link);
  return link;
}

/** What udev has found out. */
async function addCapabilities(number: number, capabilities: string): Promise<void> {
  await mkdir(join(root, 'udev/data'), { recursive: true });
  await writeFile(join(root, `sys/class/video4linux/video${number}/dev`), `81:${number}\n`);
  await writeFile(join(root, `udev/data/c81:${number}`), `I:1\nE:ID_V4L_CAPABILITIES=${capabilities}\nG:seat\n`);
}

const find = () =>
  findV4l2Cameras({ sysfsRoot: join(root, 'sys'), devRoot: join(root, 'dev'), udevRoot: join(root, 'udev') });
const device = (number: number) => join(root, `dev/video${number}`);

describe('findV4l2Cameras', () => {
  it('finds none where there is no sysfs', async () => {
    expect(await find()).toEqual([]);
  });

  it('gives the picture node of each USB camera, by number, with its name', async () => {
    await addNode(10, 'Second: Second');
    await addNode(2, 'HD Webcam C270: HD Webcam C270');
    await addNode(3, 'HD Webcam C270: HD Webcam C270', 1);
    expect(await find()).toEqual([
      { devicePath: device(2), name: 'HD Webcam C270' },
      { devicePath: device(10), name: 'Second' },
    ]);
  });

  it('passes over the codec, processor and raw sensor nodes of a Raspberry Pi', async () => {
    const names = [
      'bcm2835-codec-decode',
      'bcm2835-codec-encode',
      'bcm2835-codec-isp',
      'bcm2835-isp-output0',
      'bcm2835-codec-image_fx',
      'rpi-hevc-dec',
      'rpivid',
      'unicam-image',
      'rp1-cfe-csi2_ch0',
      'pispbe-input',
    ];
    for (const [index, name] of names.entries()) await addNode(index + 10, name);
    await addNode(0, 'mmal service 16.1');
    await addNode(1, 'vivid-000-vid-cap');
    expect((await find()).map((camera) => camera.name)).toEqual(['mmal service 16.1', 'vivid-000-vid-cap']);
  });

  it('passes over a node whose device is gone', async () => {
    await addNode(0, 'Webcam');
    await rm(device(0));
    expect(await find()).toEqual([]);
  });

  it('names cameras by what they are, in an order that no restart changes', async () => {
    await addNode(0, 'Webcam B');
    await addNode(1, 'Webcam B', 1);
    await addNode(2, 'Webcam A');
    await addNode(3, 'Capture card');
    const b = await addLink('usb-B-video-index0', 0);
    await addLink('usb-B-video-index1', 1);
    const a = await addLink('usb-A-video-index0', 2);
    expect(await find()).toEqual([
      { devicePath: a, name: 'Webcam A' },
      { devicePath: b, name: 'Webcam B' },
      { devicePath: device(3), name: 'Capture card' },
    ]);
  });

  it('takes the number where the name cannot be written in a configuration', async () => {
    await addNode(0, 'Webcam');
    await addLink('usb-a camera@home', 0);
    expect(await find()).toEqual([{ devicePath: device(0), name: 'Webcam' }]);
  });

  it('passes over what cannot capture, where udev knows', async () => {
    await addNode(0, 'Output', 0);
    await addCapabilities(0, ':video_output:');
    await addNode(1, 'Metadata', 0);
    await addCapabilities(1, ':');
    await addNode(2, 'Webcam', 0);
    await addCapabilities(2, ':capture:');
    expect(await find()).toEqual([{ devicePath: device(2), name: 'Webcam' }]);
  });
});
