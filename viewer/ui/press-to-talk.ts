/** A press that is shorter than this is a tap. */
const tapMaxMs = 350;

export interface PressTarget {
  readonly isOn: boolean;
  begin(): Promise<void>;
  end(): void;
}

/** What pressing a talk button means: holding it talks for as long as it is held; a tap switches on, and the next one off. */
export class PressToTalk {
  private readonly target: PressTarget;
  private readonly nowMs: () => number;
  private pressedAtMs: number | null = null;

  constructor(options: { target: PressTarget; nowMs?: () => number }) {
    this.target = options.target;
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  press(): void {
    if (this.target.isOn) {
      this.pressedAtMs = null;
      this.target.end();
      return;
    }
    this.pressedAtMs = this.nowMs();
    void this.target.begin();
  }

  release(): void {
    const heldMs = this.pressedAtMs === null ? 0 : this.nowMs() - this.pressedAtMs;
    this.pressedAtMs = null;
    if (heldMs > tapMaxMs) this.target.end();
  }

  /** The press was broken off, such as by a window that came over the page: nobody would notice a microphone that stays on. */
  cancel(): void {
    if (this.pressedAtMs !== null) this.target.end();
    this.pressedAtMs = null;
  }

  /** From the keyboard, where pressing a button is one event. */
  toggle(): void {
    if (this.target.isOn) this.target.end();
    else void this.target.begin();
  }
}
