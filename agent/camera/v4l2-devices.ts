import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A camera that the kernel offers. */
export interface V4l2Camera {
  /** For `parseCameraSource`: /dev/videoN. */
  devicePath: string;
  /** What the driver calls it, for people. */
  name: string;
}

// Video nodes that deliver no pictures by themselves: codecs and image processors (a Raspberry Pi shows a dozen), outputs, and the raw
// sensor nodes of libcamera, whose Bayer data needs a processor.
const notCameras =
  /codec|isp\b|pispbe|hevc|jpeg|-(dec|enc)\b|decoder|encoder|rpivid|m2m|unicam|cfe|csi2|-out\b|vbi|meta/i;
const nodeName = /^video(\d{1,3})$/;

/**
 * Lists the cameras by the number of their node. Reads sysfs alone, so no device is opened (which can switch a camera on). No
 * sysfs, no cameras.
 */
export async function findV4l2Cameras(
  roots: { sysfsRoot: string; devRoot: string } = { sysfsRoot: '/sys', devRoot: '/dev' },
): Promise<V4l2Camera[]> {
  const classFolder = join(roots.sysfsRoot, 'class/video4linux');
  const numbers = (await readdir(classFolder).catch(() => []))
    .flatMap((node) => nodeName.exec(node)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const cameras = await Promise.all(
    numbers.map((number) => readCamera(join(classFolder, `video${number}`), join(roots.devRoot, `video${number}`))),
  );
  return cameras.filter((camera) => camera !== null);
}

async function readCamera(sysfsFolder: string, devicePath: string): Promise<V4l2Camera | null> {
  try {
    const name = (await readFile(join(sysfsFolder, 'name'), 'utf8')).trim();
    const index = (await readFile(join(sysfsFolder, 'index'), 'utf8')).trim();
    await access(devicePath);
    // Further nodes of one device carry metadata or the same picture in another form.
    if (index !== '0' || notCameras.test(name)) return null;
    return { devicePath, name: withoutRepetition(name) };
  } catch {
    return null; // unplugged meanwhile
  }
}

/** USB cameras repeat themselves: "HD Webcam: HD Webcam". */
function withoutRepetition(name: string): string {
  const [product, rest] = name.split(': ');
  return product !== undefined && rest !== undefined && product.startsWith(rest) ? product : name;
}
