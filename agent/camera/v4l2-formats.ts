import { execFile } from 'node:child_process';

/** A form in which a V4L2 device delivers pictures. */
export interface V4l2Format {
  /** As `-input_format` takes it: yuyv422, mjpeg, h264 and so on. */
  name: string;
  isCompressed: boolean;
  sizes: readonly V4l2SizeRange[];
}

/** Sizes in pixels; with equal ends just one. */
export interface V4l2SizeRange {
  width: readonly [min: number, max: number];
  height: readonly [min: number, max: number];
}

/** What to ask the device for. */
export interface V4l2Choice {
  format: string;
  width: number;
  height: number;
}

export interface V4l2Wish {
  widthMax: number;
  heightMax: number;
  fps: number;
  /** H.264 is to be passed on as it is. */
  isPassthrough: boolean;
}

interface Candidate extends V4l2Choice {
  /** Pixels within the box that come per frame asked for. */
  yield: number;
  /** Among equal ones. */
  preference: number;
}

const listTimeoutMs = 5_000;
const formatLine = /\b(Raw|Compressed) *: *([a-z][a-z0-9_]*) :(.*)$/;
/** `640x480`, or `{32-2592, 2}x{32-1944, 2}` for any size in steps. */
const sizePattern = /\b(\d+)x(\d+)\b|\{(\d+)-(\d+), *\d+\}x\{(\d+)-(\d+), *\d+\}/g;

/** What a raw picture takes, in bytes per pixel: YUV 4:2:0 12 bits, 4:2:2 16 bits; others as 24 bits. */
const bytesPerPixel = new Map([
  ['yuv420p', 1.5],
  ['nv12', 1.5],
  ['nv21', 1.5],
  ['yuyv422', 2],
  ['uyvy422', 2],
  ['yvyu422', 2],
  ['yuv422p', 2],
  ['gray', 1],
]);
const unknownBytesPerPixel = 3;

/**
 * What USB 2 carries of raw pictures: webcams offer 640x480 at 30 fps or 1280x720 at 10 fps, 18.4 MB/s. ffmpeg does not list frame
 * rates, and a camera that is faster in raw form loses little by being asked for MJPEG.
 */
const rawBytesPerSecondMax = 19_000_000;

/** Asks ffmpeg what a device offers; opens the device for a moment. @returns nothing when the device does not say */
export function listV4l2Formats(program: string, devicePath: string): Promise<V4l2Format[]> {
  const args = ['-hide_banner', '-f', 'v4l2', '-list_formats', 'all', '-i', devicePath];
  // It ends as an error always, because there is no picture in a list.
  return new Promise((resolve) => {
    execFile(program, args, { timeout: listTimeoutMs }, (_error, _stdout, stderr) => resolve(parseV4l2Formats(stderr)));
  });
}

/** Reads the list that `ffmpeg -list_formats all` prints; formats that ffmpeg cannot read are left out. */
export function parseV4l2Formats(stderr: string): V4l2Format[] {
  return stderr.split('\n').flatMap((line) => {
    const [, kind, name, rest] = formatLine.exec(line) ?? [];
    if (kind === undefined || name === undefined || rest === undefined) return [];
    const sizes = [...rest.matchAll(sizePattern)].flatMap((match) => readSize(match.slice(1).map(Number)));
    return [{ name, isCompressed: kind === 'Compressed', sizes }];
  });
}

/**
 * The best form for a wish: the most picture within the box (the smallest there is when none fits) at the frame rate. Of equals raw is
 * best, then MJPEG, then H.264, whose decoding costs more. For passthrough H.264 alone.
 *
 * @returns null when nothing is known, so that the driver may decide; for passthrough: when there is no H.264
 */
export function chooseV4l2Format(formats: readonly V4l2Format[], wish: V4l2Wish): V4l2Choice | null {
  const [best] = formats
    .filter(({ name }) => name === 'h264' || !wish.isPassthrough)
    .flatMap((format) => rate(format, wish) ?? [])
    .sort((a, b) => b.yield - a.yield || b.preference - a.preference);
  return best === undefined ? null : { format: best.format, width: best.width, height: best.height };
}

function readSize([width, height, widthMin, widthMax, heightMin, heightMax]: number[]): V4l2SizeRange[] {
  if (width && height) return [{ width: [width, width], height: [height, height] }];
  if (!widthMin || !widthMax || !heightMin || !heightMax) return [];
  return [{ width: [widthMin, widthMax], height: [heightMin, heightMax] }];
}

function rate({ name, isCompressed, sizes }: V4l2Format, wish: V4l2Wish): Candidate | null {
  const size = chooseSize(sizes, wish);
  if (size === null) return null;
  const pixels = size.width * size.height;
  const useful = Math.min(pixels, wish.widthMax * wish.heightMax);
  if (isCompressed) return { format: name, ...size, yield: useful, preference: name === 'mjpeg' ? 1 : 0 };
  const bytesPerSecond = pixels * (bytesPerPixel.get(name) ?? unknownBytesPerPixel) * wish.fps;
  return { format: name, ...size, yield: useful * Math.min(1, rawBytesPerSecondMax / bytesPerSecond), preference: 2 };
}

function chooseSize(sizes: readonly V4l2SizeRange[], wish: V4l2Wish): { width: number; height: number } | null {
  const { widthMax, heightMax } = wish;
  const fitting = sizes
    .filter(({ width, height }) => width[0] <= widthMax && height[0] <= heightMax)
    // The driver rounds to its steps.
    .map(({ width, height }) => ({ width: Math.min(width[1], widthMax), height: Math.min(height[1], heightMax) }))
    .sort((a, b) => b.width * b.height - a.width * a.height);
  const tooLarge = sizes
    .map(({ width, height }) => ({ width: width[0], height: height[0] }))
    .sort((a, b) => a.width * a.height - b.width * b.height);
  return fitting[0] ?? tooLarge[0] ?? null;
}
