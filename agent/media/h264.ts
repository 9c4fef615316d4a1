import { Buffer } from 'node:buffer';

/** NAL unit types that this project tells apart (ITU-T H.264 table 7-1). */
export const nalType = {
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  fillerData: 12,
} as const;

/** The parameter sets of one access unit, in stream order. */
export interface ParameterSets {
  sps: Buffer[];
  pps: Buffer[];
}

const startCode = Buffer.from([0, 0, 1]);

/**
 * Splits an Annex B byte stream into its NAL units, without start codes and without the zero bytes that may trail a
 * unit. The result shares memory with the input. Bytes before the first start code are ignored; input without one
 * gives [].
 */
export function splitNalUnits(annexB: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let codeAt = annexB.indexOf(startCode);
  while (codeAt >= 0) {
    const start = codeAt + startCode.length;
    codeAt = annexB.indexOf(startCode, start);
    // A NAL unit never ends in a zero byte (7.4.1), so these belong to a four-byte start code or are
    // trailing_zero_8bits.
    let end = codeAt < 0 ? annexB.length : codeAt;
    while (end > start && annexB[end - 1] === 0) end -= 1;
    if (end > start) units.push(annexB.subarray(start, end));
  }
  return units;
}

/** The nal_unit_type of a NAL unit, 0 to 31; 0 (unspecified) for an empty one. */
export function nalTypeOf(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f;
}

/** The sequence and picture parameter sets in an Annex B access unit; the buffers share memory with it. */
export function parameterSetsIn(annexB: Buffer): ParameterSets {
  const nals = splitNalUnits(annexB);
  return {
    sps: nals.filter((nal) => nalTypeOf(nal) === nalType.sps),
    pps: nals.filter((nal) => nalTypeOf(nal) === nalType.pps),
  };
}

/**
 * The `profile-level-id` that belongs into the SDP: profile_idc, profile-iop and level_idc of a sequence parameter
 * set as six lower-case hex digits (RFC 6184 8.1), or null when the NAL unit is not one or too short.
 */
export function profileLevelIdOf(sps: Buffer): string | null {
  if (nalTypeOf(sps) !== nalType.sps || sps.length < 4) return null;
  return sps.toString('hex', 1, 4);
}
