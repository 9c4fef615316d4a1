import type { VideoQuality } from '../../protocol/video-quality.ts';

/** A microphone that was on when the path died is forgotten after this: nobody would expect to be heard so much later. */
const talkPauseMaxMs = 10_000;

/** A session that takes choices. */
export interface ChoiceTaker {
  /** Null before it is open. */
  readonly info: { hasAudio: boolean } | null;
  readonly isClosed: boolean;
  call(method: string, params: object): Promise<unknown>;
  startTalk(): Promise<void>;
  stopTalk(): Promise<void>;
}

export interface KeptChoicesOptions {
  /** One video line each; left out: the device's first. */
  cameras: readonly string[] | undefined;
  quality: VideoQuality;
  /** Whether a talk that was interrupted goes on, and where it could not, why. */
  onTalk(talk: { isHeard: boolean; error: unknown }): void;
}

/** What a person has chosen in one session, and is to find again in the next. */
export class KeptChoices {
  private readonly asked: readonly string[] | undefined;
  private readonly onTalk: KeptChoicesOptions['onTalk'];
  private selected: string | null = null;
  private talkLostAtMs: number | null = null;
  quality: VideoQuality;
  isListening = false;
  isTalking = false;

  constructor(options: KeptChoicesOptions) {
    this.asked = options.cameras;
    this.quality = options.quality;
    this.onTalk = options.onTalk;
  }

  /** What the next hello asks for. */
  get cameras(): string[] | undefined {
    if (this.selected === null) return this.asked && [...this.asked];
    return [this.selected, ...(this.asked ?? []).slice(1)];
  }

  selectCamera(camera: string): void {
    this.selected = camera;
  }

  /** The device has no such camera any more. @returns whether one had been selected */
  forgetCamera(): boolean {
    const hadOne = this.selected !== null;
    this.selected = null;
    return hadOne;
  }

  handleSessionLost(nowMs: number): void {
    this.talkLostAtMs ??= nowMs;
  }

  /** Repeats the choices. What the device refuses now, it is not asked for again. */
  handleSessionOpen(session: ChoiceTaker, nowMs: number): void {
    if (this.isListening) this.applyListening(session).catch(() => {});
    if (this.quality !== 'auto') this.repeatQuality(session);
    void this.resumeTalk(session, nowMs);
  }

  /** Asks for sound, or for none. @throws RpcError */
  async applyListening(session: ChoiceTaker): Promise<void> {
    if (!session.info?.hasAudio) return;
    try {
      await session.call('audio.listen', { on: this.isListening });
    } catch (error) {
      // The wish outlives the session.
      if (session.isClosed) return;
      this.isListening = false;
      throw error;
    }
  }

  private repeatQuality(session: ChoiceTaker): void {
    session.call('video.quality', { quality: this.quality }).catch(() => {
      // A session that has just ended says nothing about the wish.
      if (!session.isClosed) this.quality = 'auto';
    });
  }

  private async resumeTalk(session: ChoiceTaker, nowMs: number): Promise<void> {
    const lostForMs = this.talkLostAtMs === null ? 0 : nowMs - this.talkLostAtMs;
    this.talkLostAtMs = null;
    if (!this.isTalking) return;
    if (lostForMs > talkPauseMaxMs) {
      this.isTalking = false;
      this.onTalk({ isHeard: false, error: null });
      return;
    }
    try {
      await session.startTalk();
      // Nobody is heard who has let go in the meantime.
      if (this.isTalking) this.onTalk({ isHeard: true, error: null });
      else await session.stopTalk();
    } catch (error) {
      if (session.isClosed || !this.isTalking) return;
      this.isTalking = false;
      this.onTalk({ isHeard: false, error });
    }
  }
}
