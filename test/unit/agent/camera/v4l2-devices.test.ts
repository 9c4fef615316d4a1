import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

const find = () => findV4l2Cameras({ sysfsRoot: join(root, 'sys'), devRoot: join(root, 'dev') });
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
});
