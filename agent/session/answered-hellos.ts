/** What is known of a hello that opened a session. */
interface Answered {
  viewerId: string;
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
  private readonly perViewerMaxCount: number;
  private readonly bySid = new Map<string, Answered>();
  private generation = 0;

  /**
   * Both counts bound the memory: over them nothing new is accepted until an epoch has passed.
   *
   * @param perViewerMaxCount keeps one viewer from using all of it up; one that reconnects every few seconds stays below
   */
  constructor(maxCount = 4096, perViewerMaxCount = 512) {
    this.maxCount = maxCount;
    this.perViewerMaxCount = perViewerMaxCount;
  }

  /** Whether there is room for those of this viewer that have been added. */
  hasRoomFor(viewerId: string): boolean {
    let own = 0;
    for (const answered of this.bySid.values()) if (answered.viewerId === viewerId) own += 1;
    return this.bySid.size <= this.maxCount && own <= this.perViewerMaxCount;
  }

  has(sid: string): boolean {
    return this.bySid.has(sid);
  }

  /** The reply to repeat, or null when these are other bytes or there is no reply to give. */
  replyTo(sid: string, helloBytes: Uint8Array): Uint8Array | null {
    const answered = this.bySid.get(sid);
    return answered && Buffer.compare(answered.helloBytes, helloBytes) === 0 ? answered.reply : null;
  }

  add(sid: string, viewerId: string, helloBytes: Uint8Array): void {
    this.bySid.set(sid, { viewerId, helloBytes, reply: null, generation: this.generation });
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
