import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A camera that the kernel offers. */
export interface V4l2Camera {
  /** For `parseCameraSource`: /dev/v4l/by-id/…, which stays the same whatever else is plugged in, or else /dev/videoN. */
  devicePath: string;
  /** What the driver calls it, for people. */
  name: string;
}

export interface V4l2Roots {
  sysfsRoot: string;
  devRoot: string;
  /** Where udev keeps what it found out about devices. */
  udevRoot: string;
}

interface NumberedCamera extends V4l2Camera {
  hasStableName: boolean;
  number: number;
}

// Video nodes that deliver no pictures by themselves: codecs and image processors (a Raspberry Pi shows a dozen), outputs, and the raw
// sensor nodes of libcamera, whose Bayer data needs a processor.
const notCameras =
  /codec|isp\b|pispbe|hevc|jpeg|-(dec|enc)\b|decoder|encoder|rpivid|m2m|unicam|cfe|csi2|-out\b|vbi|meta/i;
const nodeName = /^video(\d{1,3})$/;
/** What `parseCameraSource` takes of a name; a camera may call itself something wilder. */
const plainName = /^[A-Za-z0-9][\w.:+-]{0,200}$/;
const systemRoots: V4l2Roots = { sysfsRoot: '/sys', devRoot: '/dev', udevRoot: '/run/udev' };

/**
 * Lists the cameras, always in the same order: those with a name of their own by that, then the others by the number of their node,
 * which may be another one after a restart. Reads files alone, so no device is opened (which can switch a camera on). No sysfs, no
 * cameras.
 */
export async function findV4l2Cameras(roots: V4l2Roots = systemRoots): Promise<V4l2Camera[]> {
  const nodes = (await readdir(join(roots.sysfsRoot, 'class/video4linux')).catch(() => []))
    .flatMap((node) => nodeName.exec(node)?.[1] ?? [])
    .map(Number);
  const links = await readStableLinks(join(roots.devRoot, 'v4l/by-id'));
  const cameras = await Promise.all(nodes.map((number) => readCamera(number, links, roots)));
  return cameras
    .filter((camera) => camera !== null)
    .sort((a, b) => Number(b.hasStableName) - Number(a.hasStableName) || compareNames(a, b) || a.number - b.number)
    .map(({ devicePath, name }) => ({ devicePath, name }));
}

/** @returns the links that udev makes from the names of USB devices, by the node that each leads to */
async function readStableLinks(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => plainName.test(name)).sort();
  const targets = await Promise.all(
    names.map(async (name) => {
      const link = join(folder, name);
      const target = await realpath(link).catch(() => null); // unplugged meanwhile
      return target === null ? [] : [[target, link] as const];
    }),
  );
  return new Map(targets.flat());
}

async function readCamera(
  number: number,
  links: ReadonlyMap<string, string>,
  roots: V4l2Roots,
): Promise<NumberedCamera | null> {
  const sysfsFolder = join(roots.sysfsRoot, `class/video4linux/video${number}`);
  const node = join(roots.devRoot, `video${number}`);
  try {
    const name = (await readFile(join(sysfsFolder, 'name'), 'utf8')).trim();
    const index = (await readFile(join(sysfsFolder, 'index'), 'utf8')).trim();
    // Further nodes of one device carry metadata or the same picture in another form.
    if (index !== '0' || notCameras.test(name) || !(await canCapture(sysfsFolder, roots.udevRoot))) return null;
    await access(node);
    const link = links.get(await realpath(node));
    return { devicePath: link ?? node, name: withoutRepetition(name), hasStableName: link !== undefined, number };
  } catch {
    return null; // unplugged meanwhile
  }
}

/** Whether a node delivers pictures, as udev has asked it when it came; true where udev does not say. */
async function canCapture(sysfsFolder: string, udevRoot: string): Promise<boolean> {
  try {
    const number = (await readFile(join(sysfsFolder, 'dev'), 'utf8')).trim();
    const properties = await readFile(join(udevRoot, 'data', `c${number}`), 'utf8');
    const capabilities = /^E:ID_V4L_CAPABILITIES=(.*)$/m.exec(properties)?.[1];
    return capabilities?.split(':').includes('capture') ?? true;
  } catch {
    return true;
  }
}

function compareNames(a: NumberedCamera, b: NumberedCamera): number {
  if (!a.hasStableName || !b.hasStableName || a.devicePath === b.devicePath) return 0;
  return a.devicePath < b.devicePath ? -1 : 1;
}

/** USB cameras repeat themselves: "HD Webcam: HD Webcam". */
function withoutRepetition(name: string): string {
  const [product, rest] = name.split(': ');
  return product !== undefined && rest !== undefined && product.startsWith(rest) ? product : name;
}
