import { Buffer } from 'node:buffer';
import { NutCursor } from './nut-cursor.ts';
import { NutError } from './nut-error.ts';

/** Flags of a frame (NUT specification, "frame flags"). */
export const frameFlag = {
  key: 1,
  endOfRelevance: 2,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** In seconds: numerator / denominator. */
export interface TimeBase {
  numerator: number;
  denominator: number;
}

/** What one value of the first byte of a frame stands for. */
export interface FrameCode {
  flags: number;
  streamIndex: number;
  sizeMultiplier: number;
  sizeLsb: number;
  ptsDelta: number;
  reservedCount: number;
  headerIndex: number;
}

export interface MainHeader {
  streamCount: number;
  timeBases: TimeBase[];
  /** 256 entries, by frame code. */
  frameCodes: FrameCode[];
  /** Bytes that a frame leaves out at its beginning, by header index; entry 0 is empty. */
  elisionHeaders: Buffer[];
}

export interface StreamHeader {
  streamIndex: number;
  timeBase: TimeBase;
  /** How many low bits of a timestamp are written when the rest can be guessed from the frame before. */
  msbPtsShift: number;
}

const streamsMax = 64;
const timeBasesMax = 64;
const elisionHeadersMax = 128;
const msbPtsShiftMax = 16;
// Frame code 'N' announces a start code, so the table has no entry for it.
const startCodeByte = 0x4e;
const invalidFrameCode: FrameCode = {
  flags: frameFlag.invalid,
  streamIndex: 0,
  sizeMultiplier: 1,
  sizeLsb: 0,
  ptsDelta: 0,
  reservedCount: 0,
  headerIndex: 0,
};

/** @throws NutError `bad-header`, `unsupported-version` */
export function parseMainHeader(body: Buffer): MainHeader {
  const cursor = new NutCursor(body);
  const version = cursor.readVarint();
  if (version < 2 || version > 4) throw new NutError('unsupported-version', `NUT version ${version}`);
  if (version > 3) cursor.readVarint(); // minor version
  const streamCount = cursor.readVarint();
  if (streamCount < 1 || streamCount > streamsMax) throw new NutError('bad-header', `${streamCount} streams`);
  cursor.readVarint(); // max_distance serves seeking only
  const timeBases = readTimeBases(cursor);
  const frameCodes = readFrameCodes(cursor);
  const elisionHeaders = readElisionHeaders(cursor);
  if (cursor.failed) throw new NutError('bad-header', 'the main header is cut short');
  return { streamCount, timeBases, frameCodes, elisionHeaders };
}

/** @throws NutError `bad-header` */
export function parseStreamHeader(body: Buffer, main: MainHeader): StreamHeader {
  const cursor = new NutCursor(body);
  const streamIndex = cursor.readVarint();
  cursor.readVarint(); // class: video, audio …
  cursor.readBytes(); // fourcc
  const timeBase = main.timeBases[cursor.readVarint()];
  const msbPtsShift = cursor.readVarint();
  if (cursor.failed || streamIndex >= main.streamCount || timeBase === undefined || msbPtsShift > msbPtsShiftMax) {
    throw new NutError('bad-header', 'a stream header is not valid');
  }
  return { streamIndex, timeBase, msbPtsShift };
}

function readTimeBases(cursor: NutCursor): TimeBase[] {
  const count = cursor.readVarint();
  if (count < 1 || count > timeBasesMax) throw new NutError('bad-header', `${count} time bases`);
  const timeBases: TimeBase[] = [];
  while (timeBases.length < count) {
    const numerator = cursor.readVarint();
    const denominator = cursor.readVarint();
    if (numerator < 1 || denominator < 1) throw new NutError('bad-header', 'a time base is zero');
    timeBases.push({ numerator, denominator });
  }
  return timeBases;
}

// Runs of codes that differ only in their size share one entry; a field that an entry leaves out keeps the value of the entry before.
function readFrameCodes(cursor: NutCursor): FrameCode[] {
  const codes: FrameCode[] = [];
  let ptsDelta = 0;
  let sizeMultiplier = 1;
  let streamIndex = 0;
  let headerIndex = 0;
  while (codes.length < 256) {
    const flags = cursor.readVarint();
    const fieldCount = cursor.readVarint();
    if (fieldCount > 0) ptsDelta = cursor.readSignedVarint();
    if (fieldCount > 1) sizeMultiplier = cursor.readVarint();
    if (fieldCount > 2) streamIndex = cursor.readVarint();
    const firstSizeLsb = fieldCount > 3 ? cursor.readVarint() : 0;
    const reservedCount = fieldCount > 4 ? cursor.readVarint() : 0;
    const count = fieldCount > 5 ? cursor.readVarint() : sizeMultiplier - firstSizeLsb;
    if (fieldCount > 6) cursor.readSignedVarint(); // match_time_delta serves seeking only
    if (fieldCount > 7) headerIndex = cursor.readVarint();
    for (let unknown = 8; unknown < fieldCount && !cursor.failed; unknown += 1) cursor.readVarint();
    if (cursor.failed || count < 1 || count > 256 - codes.length) {
      throw new NutError('bad-header', 'the frame code table is not valid');
    }
    for (let run = 0; run < count && codes.length < 256; run += 1) {
      if (codes.length === startCodeByte) codes.push(invalidFrameCode);
      const sizeLsb = firstSizeLsb + run;
      codes.push({ flags, streamIndex, sizeMultiplier, sizeLsb, ptsDelta, reservedCount, headerIndex });
    }
  }
  return codes;
}

function readElisionHeaders(cursor: NutCursor): Buffer[] {
  const headers = [Buffer.alloc(0)];
  const count = cursor.readVarint();
  if (count > elisionHeadersMax) throw new NutError('bad-header', `${count} elision headers`);
  // Copied, because they outlive the chunk that they came in.
  while (headers.length <= count) headers.push(Buffer.from(cursor.readBytes()));
  return headers;
}
