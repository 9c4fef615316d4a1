import { Buffer } from 'node:buffer';
import { NutCursor } from './nut-cursor.ts';
import { NutError } from './nut-error.ts';
import {
  frameFlag,
  type MainHeader,
  parseMainHeader,
  parseStreamHeader,
  type StreamHeader,
  type TimeBase,
} from './nut-headers.ts';

/** One packet of one stream, complete. */
export interface NutPacket {
  streamIndex: number;
  /** Presentation time in ticks of 1/90000 s, rounded from the time base of the stream. */
  ptsTicks90k: number;
  isKeyframe: boolean;
  /** Shares memory with the chunks pushed in. */
  data: Buffer;
}

interface Stream extends StreamHeader {
  /** Timestamp of the last frame in the time base of the stream; the next one is written relative to it. */
  lastPts: number;
}

interface FrameHeader {
  stream: Stream;
  pts: number;
  flags: number;
  /** Bytes that follow the frame header, without the elided ones. */
  size: number;
  elided: Buffer;
}

const packetMaxBytes = 4 * 1024 * 1024;
const fileId = Buffer.from('nut/multimedia container\0', 'latin1');
const startCodeByte = 0x4e;
const startCodeLength = 8;
const checksumLength = 4;
// Above this size neither a packet header goes without checksum nor a frame with elided bytes.
const smallPacketMaxBytes = 4096;
const startCodes = new Map<string, 'main' | 'stream' | 'syncpoint' | 'index' | 'info'>([
  ['4e4d7a561f5f04ad', 'main'],
  ['4e5311405bf2f9db', 'stream'],
  ['4e4be4adeeca4569', 'syncpoint'],
  ['4e58dd672f23e64e', 'index'],
  ['4e49ab68b596ba78', 'info'],
]);

/**
 * A streaming demuxer for NUT (https://ffmpeg.org/~michael/nut.txt), the container in which ffmpeg hands over each packet at once, with
 * its size, time and key flag. How the input is cut into chunks makes no difference to the packets that come out.
 * Checksums are not verified: the input is a local socket, and every length is checked against a bound.
 */
export class NutReader {
  private readonly onPacket: (packet: NutPacket) => void;
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;
  /** Nothing can be read before this many bytes are there, so that a large packet is joined once and not per chunk. */
  private wantedBytes = 1;
  private fileIdSeen = false;
  private main: MainHeader | null = null;
  private readonly streams = new Map<number, Stream>();
  private error: NutError | null = null;

  constructor(onPacket: (packet: NutPacket) => void) {
    this.onPacket = onPacket;
  }

  /** @throws NutError when the input is not valid, and again on every later call */
  push(chunk: Buffer): void {
    if (this.error !== null) throw this.error;
    this.chunks.push(chunk);
    this.bufferedBytes += chunk.length;
    if (this.bufferedBytes < this.wantedBytes) return;
    try {
      this.readAll(this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks));
    } catch (error) {
      if (error instanceof NutError) {
        this.error = error;
        this.chunks = [];
      }
      throw error;
    }
  }

  private readAll(bytes: Buffer): void {
    let offset = 0;
    this.wantedBytes = 1;
    while (offset < bytes.length) {
      const length = this.readNext(bytes.subarray(offset));
      if (length === 0) break;
      offset += length;
    }
    this.bufferedBytes = bytes.length - offset;
    this.chunks = this.bufferedBytes === 0 ? [] : [bytes.subarray(offset)];
    this.wantedBytes = Math.max(this.wantedBytes, this.bufferedBytes + 1);
  }

  /** Reads one element off the front of `bytes`. @returns its length, or 0 when it is not complete yet */
  private readNext(bytes: Buffer): number {
    if (!this.fileIdSeen) return this.readFileId(bytes);
    return bytes[0] === startCodeByte ? this.readHeaderPacket(bytes) : this.readFrame(bytes);
  }

  private readFileId(bytes: Buffer): number {
    const length = Math.min(bytes.length, fileId.length);
    if (bytes.compare(fileId, 0, length, 0, length) !== 0) {
      throw new NutError('not-nut', 'the input does not begin like a NUT file');
    }
    if (length < fileId.length) return 0;
    this.fileIdSeen = true;
    return length;
  }

  private readHeaderPacket(bytes: Buffer): number {
    if (bytes.length < startCodeLength) return 0;
    const kind = startCodes.get(bytes.toString('hex', 0, startCodeLength));
    if (kind === undefined) throw new NutError('bad-header', 'an unknown start code');
    const cursor = new NutCursor(bytes, startCodeLength);
    const bodyLength = cursor.readVarint();
    if (cursor.malformed) throw new NutError('bad-header', 'a packet length is not valid');
    if (cursor.exhausted) return 0;
    if (bodyLength > packetMaxBytes) throw new NutError('too-large', `a header of ${bodyLength} bytes`);
    if (bodyLength < checksumLength) throw new NutError('bad-header', 'a header without checksum');
    const start = cursor.offset + (bodyLength > smallPacketMaxBytes ? checksumLength : 0);
    const end = start + bodyLength;
    if (bytes.length < end) return this.wait(end);
    const body = bytes.subarray(start, end - checksumLength);
    if (kind === 'main') this.handleMainHeader(body);
    else if (kind === 'stream') this.handleStreamHeader(body);
    else if (kind === 'syncpoint') this.handleSyncpoint(body);
    return end;
  }

  // Long streams repeat their headers for readers that come late; the first ones stay valid (and so does each `lastPts`).
  private handleMainHeader(body: Buffer): void {
    this.main ??= parseMainHeader(body);
  }

  private handleStreamHeader(body: Buffer): void {
    if (this.main === null) throw new NutError('bad-header', 'a stream header before the main header');
    const header = parseStreamHeader(body, this.main);
    if (!this.streams.has(header.streamIndex)) this.streams.set(header.streamIndex, { ...header, lastPts: 0 });
  }

  // A syncpoint sets the clock of every stream: its time is coded as ticks * (number of time bases) + index of the time base.
  private handleSyncpoint(body: Buffer): void {
    if (this.main === null) throw new NutError('bad-header', 'a syncpoint before the main header');
    const cursor = new NutCursor(body);
    const coded = cursor.readVarint();
    const { timeBases } = this.main;
    const timeBase = timeBases[coded % timeBases.length];
    if (cursor.failed || timeBase === undefined) throw new NutError('bad-header', 'a syncpoint is not valid');
    const ticks = Math.floor(coded / timeBases.length);
    for (const stream of this.streams.values()) stream.lastPts = rescale(ticks, timeBase, stream.timeBase);
  }

  private readFrame(bytes: Buffer): number {
    const cursor = new NutCursor(bytes);
    const frame = this.readFrameHeader(cursor);
    if (frame === null) return 0;
    const start = cursor.offset;
    const end = start + frame.size;
    if (bytes.length < end) return this.wait(end);
    frame.stream.lastPts = frame.pts;
    if ((frame.flags & frameFlag.endOfRelevance) === 0) this.deliver(frame, bytes, start, end);
    return end;
  }

  private deliver(frame: FrameHeader, bytes: Buffer, start: number, end: number): void {
    const dataStart = (frame.flags & frameFlag.sideData) === 0 ? start : skipSideData(bytes, start, end);
    const rest = bytes.subarray(dataStart, end);
    this.onPacket({
      streamIndex: frame.stream.streamIndex,
      ptsTicks90k: toTicks90k(frame.pts, frame.stream.timeBase),
      isKeyframe: (frame.flags & frameFlag.key) !== 0,
      data: frame.elided.length === 0 ? rest : Buffer.concat([frame.elided, rest]),
    });
  }

  /** @returns null when the header is not complete yet */
  private readFrameHeader(cursor: NutCursor): FrameHeader | null {
    const code = this.main?.frameCodes[cursor.readByte()];
    if (this.main === null || code === undefined) throw new NutError('bad-frame', 'a frame before the main header');
    let flags = code.flags;
    if ((flags & frameFlag.coded) !== 0) flags ^= cursor.readVarint();
    if ((flags & frameFlag.invalid) !== 0) throw new NutError('bad-frame', 'an invalid frame code');
    const streamIndex = (flags & frameFlag.streamId) !== 0 ? cursor.readVarint() : code.streamIndex;
    const codedPts = (flags & frameFlag.codedPts) !== 0 ? cursor.readVarint() : null;
    const sizeMsb = (flags & frameFlag.sizeMsb) !== 0 ? cursor.readVarint() : 0;
    if ((flags & frameFlag.matchTime) !== 0) cursor.readSignedVarint();
    const headerIndex = (flags & frameFlag.headerIndex) !== 0 ? cursor.readVarint() : code.headerIndex;
    const reservedCount = (flags & frameFlag.reserved) !== 0 ? cursor.readVarint() : code.reservedCount;
    for (let index = 0; index < reservedCount && !cursor.failed; index += 1) cursor.readVarint();
    if ((flags & frameFlag.checksum) !== 0) cursor.skip(checksumLength);
    if (cursor.malformed) throw new NutError('bad-frame', 'a number in a frame header is not valid');
    if (cursor.exhausted) return null;

    const wholeSize = code.sizeLsb + sizeMsb * code.sizeMultiplier;
    if (wholeSize > packetMaxBytes) throw new NutError('too-large', `a frame of ${wholeSize} bytes`);
    const stream = this.streams.get(streamIndex);
    const elided = this.main.elisionHeaders[wholeSize > smallPacketMaxBytes ? 0 : headerIndex];
    if (stream === undefined || elided === undefined) throw new NutError('bad-frame', 'a frame of an unknown kind');
    if (elided.length > wholeSize) throw new NutError('bad-frame', 'a frame shorter than what it leaves out');
    const pts = codedPts === null ? stream.lastPts + code.ptsDelta : decodePts(codedPts, stream);
    return { stream, pts, flags, size: wholeSize - elided.length, elided };
  }

  private wait(wantedBytes: number): 0 {
    this.wantedBytes = wantedBytes;
    return 0;
  }
}

/** Undoes the shortening of timestamps to their low bits ("coded_pts" in the specification). */
function decodePts(codedPts: number, stream: Stream): number {
  const range = 2 ** stream.msbPtsShift;
  if (codedPts >= range) return codedPts - range;
  const lowest = stream.lastPts - Math.floor((range - 1) / 2);
  return lowest + ((((codedPts - lowest) % range) + range) % range);
}

function rescale(ticks: number, from: TimeBase, to: TimeBase): number {
  return Math.floor((ticks * from.numerator * to.denominator) / (from.denominator * to.numerator));
}

function toTicks90k(pts: number, timeBase: TimeBase): number {
  return Math.round((pts * timeBase.numerator * 90_000) / timeBase.denominator);
}

/** Side data and metadata stand before the data of a frame, each as a count and (name, typed value) pairs. @returns the end */
function skipSideData(bytes: Buffer, start: number, end: number): number {
  const cursor = new NutCursor(bytes, start, end);
  for (let block = 0; block < 2; block += 1) {
    const count = cursor.readVarint();
    for (let item = 0; item < count && !cursor.failed; item += 1) {
      cursor.readBytes();
      skipTypedValue(cursor);
    }
  }
  if (cursor.failed) throw new NutError('bad-frame', 'the side data of a frame is not valid');
  return cursor.offset;
}

function skipTypedValue(cursor: NutCursor): void {
  const type = cursor.readSignedVarint();
  if (type === -1) cursor.readBytes();
  else if (type === -2) {
    cursor.readBytes();
    cursor.readBytes();
  } else if (type === -4) cursor.readVarint();
  else if (type < -2) cursor.readSignedVarint();
}
