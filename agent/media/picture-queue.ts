import type { PacketizedUnit } from './packetized-unit.ts';

/** A picture of one sender that leaves packet by packet. */
export interface WaitingPicture<Sender> {
  readonly sender: Sender;
  readonly unit: PacketizedUnit;
  /** The RTP timestamp it goes out with. */
  readonly timestamp: number;
  packetsSent: number;
  bytesLeft: number;
}

export interface DroppedPicture<Sender> {
  picture: WaitingPicture<Sender>;
  /** Whether a later keyframe of the same sender stays in the queue, so that the viewer misses nothing for long. */
  isFollowed: boolean;
}

/** The pictures of one peer connection that wait for their turn, in order. The first one may be partly sent. */
export class PictureQueue<Sender> {
  private pictures: WaitingPicture<Sender>[] = [];
  private waitingBytes = 0;

  get head(): WaitingPicture<Sender> | undefined {
    return this.pictures[0];
  }

  get isEmpty(): boolean {
    return this.pictures.length === 0;
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  add(picture: WaitingPicture<Sender>): void {
    this.pictures.push(picture);
    this.waitingBytes += picture.bytesLeft;
  }

  /** The next packet of the first picture has left. Returns whether it was the last one; the picture is gone then. */
  advance(picture: WaitingPicture<Sender>, packetBytes: number): boolean {
    picture.packetsSent += 1;
    picture.bytesLeft -= packetBytes;
    this.waitingBytes -= packetBytes;
    if (picture.packetsSent < picture.unit.packets.length) return false;
    this.keep((kept) => kept !== picture);
    return true;
  }

  /** Takes out the pictures of a sender and returns them. */
  remove(sender: Sender, which: 'all' | 'not-begun'): WaitingPicture<Sender>[] {
    return this.keep((picture) => picture.sender !== sender || (which === 'not-begun' && picture.packetsSent > 0));
  }

  /**
   * Takes out all but what a viewer can use without the rest: the picture that is partly sent, since a torn one would
   * be worse than a late one, and the newest keyframe of each sender.
   */
  dropToKeyframes(): DroppedPicture<Sender>[] {
    const keyframes = new Map<Sender, WaitingPicture<Sender>>();
    for (const picture of this.pictures) {
      if (picture.unit.isKeyframe && picture.packetsSent === 0) keyframes.set(picture.sender, picture);
    }
    const dropped: DroppedPicture<Sender>[] = [];
    const passed = new Set<Sender>();
    this.keep((picture) => {
      const isKeyframeKept = keyframes.get(picture.sender) === picture;
      if (isKeyframeKept) passed.add(picture.sender);
      if (isKeyframeKept || picture.packetsSent > 0) return true;
      dropped.push({ picture, isFollowed: keyframes.has(picture.sender) && !passed.has(picture.sender) });
      return false;
    });
    return dropped;
  }

  private keep(isKept: (picture: WaitingPicture<Sender>) => boolean): WaitingPicture<Sender>[] {
    const removed: WaitingPicture<Sender>[] = [];
    this.pictures = this.pictures.filter((picture) => {
      if (isKept(picture)) return true;
      this.waitingBytes -= picture.bytesLeft;
      removed.push(picture);
      return false;
    });
    return removed;
  }
}
