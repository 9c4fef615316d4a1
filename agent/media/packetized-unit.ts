import type { Buffer } from 'node:buffer';

/** The RTP packets of one picture, header templates included; never empty. */
export interface PacketizedPicture {
  readonly packets: readonly Buffer[];
  /** Whether decoding can begin here without anything sent before. */
  readonly isKeyframe: boolean;
}

/** A picture as all viewers of a rendition share it. */
export interface PacketizedUnit extends PacketizedPicture {
  /** Ticks of 1/90000 s on the media timeline (see `MediaTimeline`), not wrapped. */
  readonly timelineTicks: number;
  /** Place of the first packet in the hub's history; the others follow. */
  readonly firstPacketIndex: number;
  /** Size of all packets, headers included. */
  readonly bytes: number;
}
