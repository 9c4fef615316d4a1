import type { Buffer } from 'node:buffer';
import type { AccessUnit } from './access-unit.ts';
import type { PacketHistory } from './packet-history.ts';

/** The RTP packets of one picture, or of one frame of audio, header templates included; never empty. */
export interface PacketizedFrame {
  readonly packets: readonly Buffer[];
  /** Whether decoding can begin here without anything sent before. */
  readonly isKeyframe: boolean;
  /** How long it plays, in ticks of the RTP clock; 0 where only the next one ends it, as in video. */
  readonly durationTicks: number;
}

/** Cuts access units of one codec into RTP packets. Null: the unit is malformed or useless and is dropped. */
export interface Packetizer {
  packetize(unit: AccessUnit): PacketizedFrame | null;
}

/** A frame as all viewers of a rendition share it. */
export interface PacketizedUnit extends PacketizedFrame {
  /** On the monotonic clock, like all times here. */
  readonly capturedAtMs: number;
  readonly arrivedAtMs: number;
  /** Where its packets can be found again, the first under `firstPacketIndex` and the others following. */
  readonly history: PacketHistory;
  readonly firstPacketIndex: number;
  /** Size of all packets, headers included. */
  readonly bytes: number;
}
