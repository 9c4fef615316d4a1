/** What is known of a hello that opened a session. */
interface Answered {
  helloBytes: Uint8Array;
  /** The sealed reply; null while it is being made and after the time for repetitions is over. */
  reply: Uint8Array | null;
  generation: number;
}

/**
 * The hellos that were accepted under the valid epochs, by sid. The same bytes again are either a viewer that repeats itself,
 * which gets the same reply, or a replay, which gets no more than that. A hello cannot be moved to another sid.
 */
export class AnsweredHellos {
  private readonly maxCount: number;
  private readonly bySid = new Map<string, Answered>();
  private generation = 0;

  /** @param maxCount bounds the memory; over it nothing new is accepted until an epoch has passed */
  constructor(maxCount = 4096) {
    this.maxCount = maxCount;
  }

  get isFull(): boolean {
    return this.bySid.size >= this.maxCount;
  }

  has(sid: string): boolean {
    return this.bySid.has(sid);
  }

  /** The reply to repeat, or null when these are other bytes or there is no reply to give. */
  replyTo(sid: string, helloBytes: Uint8Array): Uint8Array | null {
    const answered = this.bySid.get(sid);
    return answered && Buffer.compare(answered.helloBytes, helloBytes) === 0 ? answered.reply : null;
  }

  add(sid: string, helloBytes: Uint8Array): void {
    this.bySid.set(sid, { helloBytes, reply: null, generation: this.generation });
  }

  remove(sid: string): void {
    this.bySid.delete(sid);
  }

  setReply(sid: string, reply: Uint8Array | null): void {
    const answered = this.bySid.get(sid);
    if (!answered) return;
    answered.reply = reply;
    // What remains is the mark that this sid is spent.
    if (reply === null) answered.helloBytes = new Uint8Array(0);
  }

  /** Forgets what no valid epoch can replay any more. */
  renew(generation: number): void {
    this.generation = generation;
    for (const [sid, answered] of this.bySid) {
      if (answered.generation < generation - 1) this.bySid.delete(sid);
    }
  }
}
