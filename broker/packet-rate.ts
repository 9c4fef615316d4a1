import type { PacketVerdict } from '../protocol/packet-gate.ts';
import { TokenBucket } from '../protocol/token-bucket.ts';

/** Seconds of the permitted rate that may come at once. */
const burstSeconds = 5;
/** Seconds of the permitted rate that may be dropped at once before the client is thrown out. */
const toleranceSeconds = 20;

/** The packet rate of one client: within it packets pass, over it they are dropped, far over it the client has to go. */
export class PacketRate {
  private readonly permitted: TokenBucket;
  private readonly tolerated: TokenBucket;

  /** @param nowMs a monotonic clock */
  constructor(perSecond: number, nowMs: () => number) {
    this.permitted = new TokenBucket({ perSecond, burst: perSecond * burstSeconds, nowMs });
    this.tolerated = new TokenBucket({ perSecond, burst: perSecond * toleranceSeconds, nowMs });
  }

  admit(): PacketVerdict {
    if (this.permitted.take()) return 'pass';
    return this.tolerated.take() ? 'drop' : 'flood';
  }
}
