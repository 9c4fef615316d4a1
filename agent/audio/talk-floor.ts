/** Who may talk: one session at a time, until it gives the floor back. */
export class TalkFloor {
  private current: string | null = null;

  /** The session that has the floor; null when it is free. */
  get holder(): string | null {
    return this.current;
  }

  /** @returns whether the session has the floor now: it was free, or its own already */
  take(sessionId: string): boolean {
    this.current ??= sessionId;
    return this.current === sessionId;
  }

  /** Gives the floor back. Nothing happens for a session that does not have it. */
  release(sessionId: string): void {
    if (this.current === sessionId) this.current = null;
  }
}
