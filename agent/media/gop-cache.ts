import type { PacketizedUnit } from './packetized-unit.ts';

/** The group of pictures since the last keyframe: what a decoder needs to show the newest picture at once. */
export class GopCache {
  private readonly maxBytes: number;
  private group: PacketizedUnit[] = [];
  private groupBytes = 0;

  /** @param maxBytes a group that grows beyond this many bytes of packets is given up until the next keyframe */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** The cached group in order, beginning with a keyframe; empty when there is none. */
  get units(): readonly PacketizedUnit[] {
    return this.group;
  }

  /** The size of its packets. */
  get bytes(): number {
    return this.groupBytes;
  }

  /** A keyframe starts a new group; other units extend the group that exists. */
  add(unit: PacketizedUnit): void {
    if (unit.isKeyframe) this.clear();
    else if (this.group.length === 0) return;
    this.group.push(unit);
    this.groupBytes += unit.bytes;
    if (this.groupBytes > this.maxBytes) this.clear();
  }

  clear(): void {
    this.group = [];
    this.groupBytes = 0;
  }
}
