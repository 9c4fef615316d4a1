import type { Buffer } from 'node:buffer';

/** One transport-wide congestion control feedback message. */
export interface TwccFeedback {
  /** Transport-wide sequence number of the first packet reported, 16 bits; the others follow modulo 65536. */
  baseSequenceNumber: number;
  /** Counts the feedback messages of the receiver, 8 bits, so that a lost one shows. */
  feedbackCount: number;
  /**
   * For each packet its arrival in milliseconds on a clock of the receiver's own with 0.25 ms steps that wraps after
   * 12 days, or NaN for one that has not arrived. Differences of neighbours are the receive deltas.
   */
  arrivalsMs: Float64Array;
  receivedCount: number;
}

const headerBytes = 8;
const referenceUnitMs = 64;
const deltaUnitMs = 0.25;

/** No sender remembers more (`transport-history.ts`), and a few bytes of run lengths must not cost the time of many packets. */
const packetsMax = 4_096;

const symbol = { notReceived: 0, smallDelta: 1, largeDelta: 2, reserved: 3 } as const;

/**
 * Parses the feedback control information, the part after the two SSRCs
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1). Null when malformed.
 */
export function parseTwccFeedback(fci: Buffer): TwccFeedback | null {
  if (fci.length < headerBytes) return null;
  const packetCount = fci.readUInt16BE(2);
  if (packetCount === 0 || packetCount > packetsMax) return null;
  const symbols = new Uint8Array(packetCount);
  const deltasAt = readSymbols(fci, symbols);
  if (deltasAt === null) return null;
  const arrivalsMs = new Float64Array(packetCount).fill(Number.NaN);
  const receivedCount = readArrivals(fci, deltasAt, symbols, arrivalsMs);
  if (receivedCount === null) return null;
  return { baseSequenceNumber: fci.readUInt16BE(0), feedbackCount: fci.readUInt8(7), arrivalsMs, receivedCount };
}

/** Section 3.1.2 to 3.1.4. Returns where the chunks end, or null when they end too early. */
function readSymbols(fci: Buffer, symbols: Uint8Array): number | null {
  let filled = 0;
  let at = headerBytes;
  for (; filled < symbols.length; at += 2) {
    if (at + 2 > fci.length) return null;
    const chunk = fci.readUInt16BE(at);
    if ((chunk & 0x8000) === 0) {
      const runLength = chunk & 0x1fff;
      symbols.fill((chunk >> 13) & 3, filled, filled + runLength); // fill stops at the end of the array
      filled += runLength;
    } else {
      const bits = (chunk & 0x4000) === 0 ? 1 : 2;
      for (let shift = 14 - bits; shift >= 0 && filled < symbols.length; shift -= bits) {
        symbols[filled] = (chunk >> shift) & ((1 << bits) - 1);
        filled += 1;
      }
    }
  }
  return at;
}

/** Section 3.1.5. Returns how many packets arrived, or null when a delta is missing or a symbol is reserved. */
function readArrivals(fci: Buffer, deltasAt: number, symbols: Uint8Array, arrivalsMs: Float64Array): number | null {
  let at = deltasAt;
  let receivedCount = 0;
  let arrivalMs = fci.readIntBE(4, 3) * referenceUnitMs;
  for (let i = 0; i < symbols.length; i += 1) {
    if (symbols[i] === symbol.notReceived) continue;
    if (symbols[i] === symbol.reserved) return null;
    const deltaBytes = symbols[i] === symbol.smallDelta ? 1 : 2;
    if (at + deltaBytes > fci.length) return null;
    arrivalMs += (deltaBytes === 1 ? fci.readUInt8(at) : fci.readInt16BE(at)) * deltaUnitMs;
    at += deltaBytes;
    arrivalsMs[i] = arrivalMs;
    receivedCount += 1;
  }
  return receivedCount;
}
