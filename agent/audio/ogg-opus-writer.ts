import { Buffer } from 'node:buffer';

const pageHeaderBytes = 27;
const segmentMaxBytes = 255;
const beginOfStream = 0x02;
const ticksPerMs = 48;
const sampleRate = 48_000;
/** Any number: there is one stream. */
const streamSerial = 1;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => crcOf(byte));

/**
 * Writes Opus in Ogg (RFC 7845, RFC 3533), which ffmpeg reads on a pipe, with a page for each packet so that none waits for the next. The
 * stream has one channel; a decoder mixes what has two.
 */
export class OggOpusWriter {
  private pageNumber = 0;
  private writtenMs = 0;

  /** How much the packets so far sound, in milliseconds. */
  get durationMs(): number {
    return this.writtenMs;
  }

  /** What the stream begins with. */
  buildHeaders(): Buffer {
    return Buffer.concat([this.buildPage(buildIdHeader(), beginOfStream), this.buildPage(buildComments(), 0)]);
  }

  /** @param packet at most 65024 bytes */
  buildPacket(packet: Buffer, durationMs: number): Buffer {
    this.writtenMs += durationMs;
    return this.buildPage(packet, 0);
  }

  private buildPage(packet: Buffer, flags: number): Buffer {
    const segmentCount = Math.floor(packet.length / segmentMaxBytes) + 1;
    const header = Buffer.alloc(pageHeaderBytes + segmentCount, segmentMaxBytes);
    header.fill(0, 0, pageHeaderBytes);
    header.write('OggS', 0, 'latin1');
    header[5] = flags;
    header.writeBigUInt64LE(BigInt(Math.round(this.writtenMs * ticksPerMs)), 6);
    header.writeUInt32LE(streamSerial, 14);
    header.writeUInt32LE(this.pageNumber, 18);
    header[26] = segmentCount;
    header[header.length - 1] = packet.length % segmentMaxBytes;
    this.pageNumber += 1;
    const page = Buffer.concat([header, packet]);
    page.writeUInt32LE(checksum(page), 22); // over the page with zeros in this place
    return page;
  }
}

/** RFC 7845 5.1. */
function buildIdHeader(): Buffer {
  const header = Buffer.alloc(19);
  header.write('OpusHead', 0, 'latin1');
  header[8] = 1; // version
  header[9] = 1; // channels
  header.writeUInt32LE(sampleRate, 12);
  return header;
}

/** RFC 7845 5.2, with no comments and nobody named. */
function buildComments(): Buffer {
  return Buffer.concat([Buffer.from('OpusTags', 'latin1'), Buffer.alloc(8)]);
}

/** RFC 3533 6: polynomial 0x04c11db7, not reflected, from zero. */
function checksum(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] ?? 0);
  return crc >>> 0;
}

function crcOf(byte: number): number {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
}
