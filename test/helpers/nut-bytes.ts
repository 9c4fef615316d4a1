import { Buffer } from 'node:buffer';

/** Writes NUT by the specification, one element at a time, for tests that need what ffmpeg does not produce by itself. */

export function varint(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return Buffer.from(bytes);
}

export function signedVarint(value: number): Buffer {
  return varint(value > 0 ? 2 * value - 1 : -2 * value);
}

export function varBytes(bytes: Buffer): Buffer {
  return Buffer.concat([varint(bytes.length), bytes]);
}

const fileId = Buffer.from('nut/multimedia container\0', 'latin1');
const startCodes = {
  main: '4e4d7a561f5f04ad',
  stream: '4e5311405bf2f9db',
  syncpoint: '4e4be4adeeca4569',
  info: '4e49ab68b596ba78',
};

/** A header packet; checksums are zeros, which the reader does not look at. */
export function headerPacket(kind: keyof typeof startCodes, body: Buffer): Buffer {
  const length = varint(body.length + 4);
  const lengthChecksum = Buffer.alloc(body.length + 4 > 4096 ? 4 : 0);
  return Buffer.concat([Buffer.from(startCodes[kind], 'hex'), length, lengthChecksum, body, Buffer.alloc(4)]);
}

/** A run of frame codes that share flags; their frames say the size themselves. */
function frameCodes(flags: number, count: number): Buffer {
  const fieldCount = 6;
  return Buffer.concat([varint(flags), varint(fieldCount), signedVarint(0), ...[1, 0, 0, 0, count].map(varint)]);
}

/** Frame codes below 200: the flags follow (FLAG_CODED); the others are invalid. Time bases 1/90000 and 1/30. */
export function mainHeader(options: { streamCount: number; elided?: Buffer; version?: number }): Buffer {
  return headerPacket(
    'main',
    Buffer.concat([
      ...[options.version ?? 3, options.streamCount, 65_536, 2, 1, 90_000, 1, 30].map(varint),
      frameCodes(4096, 199),
      frameCodes(8192, 56),
      varint(options.elided === undefined ? 0 : 1),
      options.elided === undefined ? Buffer.alloc(0) : varBytes(options.elided),
    ]),
  );
}

export function streamHeader(streamIndex: number, timeBaseIndex: number): Buffer {
  const fields = [varint(streamIndex), varint(0), varBytes(Buffer.from('H264')), varint(timeBaseIndex), varint(7)];
  return headerPacket('stream', Buffer.concat([...fields, varint(1), varint(0), varint(0), varint(0)]));
}

export function syncpoint(ticks: number, timeBaseIndex: number): Buffer {
  return headerPacket('syncpoint', Buffer.concat([varint(ticks * 2 + timeBaseIndex), varint(0)]));
}

export interface FrameFields {
  flags: number;
  streamIndex: number;
  codedPts: number;
  size: number;
  /** What stands between these fields and the data: header index, reserved fields, checksum. */
  more?: Buffer;
  data: Buffer;
}

/** Frame code 0 with stream id, coded timestamp and size, and whatever `flags` adds to them. */
export function frame({ flags, streamIndex, codedPts, size, more, data }: FrameFields): Buffer {
  const fields = [8 | 16 | 32 | flags, streamIndex, codedPts, size].map(varint);
  return Buffer.concat([Buffer.from([0]), ...fields, more ?? Buffer.alloc(0), data]);
}

export function nutStream(...elements: Buffer[]): Buffer {
  return Buffer.concat([fileId, ...elements]);
}
