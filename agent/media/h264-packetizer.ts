import { Buffer } from 'node:buffer';
import type { AccessUnit } from './access-unit.ts';
import { nalType, nalTypeOf, splitNalUnits } from './h264.ts';
import { PacketSlab } from './packet-slab.ts';
import type { PacketizedFrame, Packetizer } from './packetized-unit.ts';
import { rtpPayloadMaxBytes } from './rtp-packet.ts';

const fuHeaderBytes = 2;
const fuType = 28;
const fuStart = 0x80;
const fuEnd = 0x40;
const forbiddenZeroBit = 0x80;

/** NAL units that a decoder behind RTP does not need: the RTP timestamp and marker say what they say. */
const dropped: ReadonlySet<number> = new Set([
  nalType.sei,
  nalType.accessUnitDelimiter,
  nalType.endOfSequence,
  nalType.endOfStream,
  nalType.fillerData,
]);

/**
 * Cuts H.264 access units into RTP packets, once for all viewers: single NAL unit packets and FU-A (RFC 6184 5.6,
 * 5.8; packetization-mode 1). Keeps the last parameter sets and puts them before every IDR picture that comes without
 * them.
 */
export class H264Packetizer implements Packetizer {
  private spsKept: Buffer[] = [];
  private ppsKept: Buffer[] = [];

  /**
   * Returns the packets of one access unit, or null when it cannot be decoded by anyone: no slice in it, a reserved
   * NAL unit type, the forbidden bit set, or an IDR picture before the first parameter sets.
   */
  packetize(unit: AccessUnit): PacketizedFrame | null {
    const all = splitNalUnits(unit.data);
    if (!all.every(isValid)) return null;
    const nals = all.filter((nal) => !dropped.has(nalTypeOf(nal)));
    this.keepParameterSets(nals);
    const isKeyframe = nals.some((nal) => nalTypeOf(nal) === nalType.idrSlice);
    if (!isKeyframe && !nals.some(isSlice)) return null;
    const complete = isKeyframe ? this.withParameterSets(nals) : nals;
    return complete === null ? null : { packets: writePackets(complete), isKeyframe, durationTicks: 0 };
  }

  private keepParameterSets(nals: Buffer[]): void {
    const sps = nals.filter((nal) => nalTypeOf(nal) === nalType.sps);
    const pps = nals.filter((nal) => nalTypeOf(nal) === nalType.pps);
    // Copies, so that a few bytes do not hold the whole access unit in memory.
    if (sps.length > 0) this.spsKept = sps.map((nal) => Buffer.from(nal));
    if (pps.length > 0) this.ppsKept = pps.map((nal) => Buffer.from(nal));
  }

  private withParameterSets(nals: Buffer[]): Buffer[] | null {
    if (this.spsKept.length === 0 || this.ppsKept.length === 0) return null;
    const rest = nals.filter((nal) => nalTypeOf(nal) !== nalType.sps && nalTypeOf(nal) !== nalType.pps);
    return [...this.spsKept, ...this.ppsKept, ...rest];
  }
}

function isSlice(nal: Buffer): boolean {
  const type = nalTypeOf(nal);
  return type >= 1 && type <= 5;
}

/** Types 24 to 31 mean something else inside RTP (RFC 6184 table 1), so they must never be passed on. */
function isValid(nal: Buffer): boolean {
  const type = nalTypeOf(nal);
  return ((nal[0] ?? forbiddenZeroBit) & forbiddenZeroBit) === 0 && type >= 1 && type <= 23;
}

function writePackets(nals: readonly Buffer[]): Buffer[] {
  const counts = nals.map(packetCountOf);
  const payloadBytes = nals.reduce((bytes, nal, i) => bytes + payloadBytesOf(nal, counts[i] ?? 1), 0);
  const packetCount = counts.reduce((sum, count) => sum + count, 0);
  const slab = new PacketSlab(payloadBytes, packetCount);
  nals.forEach((nal, i) => {
    const isLastNal = i === nals.length - 1;
    const count = counts[i] ?? 1;
    if (count === 1) nal.copy(slab.add(nal.length, isLastNal));
    else writeFragments(nal, count, isLastNal, slab);
  });
  return slab.packets;
}

/**
 * RFC 6184 5.8: the NAL unit header is not carried but rebuilt from the FU indicator and the FU header. Fragments are of
 * nearly equal size, so that no tiny last one costs a whole packet's overhead in vain.
 */
function writeFragments(nal: Buffer, count: number, isLastNal: boolean, slab: PacketSlab): void {
  const header = nal[0] ?? 0;
  const fragmentBytes = Math.ceil((nal.length - 1) / count);
  for (let start = 1; start < nal.length; start += fragmentBytes) {
    const end = Math.min(start + fragmentBytes, nal.length);
    const isLast = end === nal.length;
    const payload = slab.add(fuHeaderBytes + end - start, isLast && isLastNal);
    payload[0] = (header & 0x60) | fuType;
    payload[1] = (header & 0x1f) | (start === 1 ? fuStart : 0) | (isLast ? fuEnd : 0);
    nal.copy(payload, fuHeaderBytes, start, end);
  }
}

function packetCountOf(nal: Buffer): number {
  if (nal.length <= rtpPayloadMaxBytes) return 1;
  return Math.ceil((nal.length - 1) / (rtpPayloadMaxBytes - fuHeaderBytes));
}

function payloadBytesOf(nal: Buffer, packetCount: number): number {
  return packetCount === 1 ? nal.length : nal.length - 1 + packetCount * fuHeaderBytes;
}
