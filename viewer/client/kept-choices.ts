import type { VideoQuality } from '../../protocol/video-quality.ts';

/** A microphone that was on when the path died is forgotten after this: nobody would expect to be heard so much later. */
const talkPauseMaxMs = 10_000;

/** What a person has chosen in one session, and is to find again in the next. */
export class KeptChoices {
  private readonly asked: readonly string[] | undefined;
  private selected: string | null = null;
  private talkLostAtMs: number | null = null;
  quality: VideoQuality;
  isListening = false;
  isTalking = false;

  /** @param options.cameras one video line each; left out: the device's first */
  constructor(options: { cameras: readonly string[] | undefined; quality: VideoQuality }) {
    this.asked = options.cameras;
    this.quality = options.quality;
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

  /** A session has begun. @returns whether a talk that was interrupted goes on in it, or is too long ago; null: there was none */
  resumeTalk(nowMs: number): 'resume' | 'expired' | null {
    const lostForMs = this.talkLostAtMs === null ? 0 : nowMs - this.talkLostAtMs;
    this.talkLostAtMs = null;
    if (!this.isTalking) return null;
    this.isTalking = lostForMs <= talkPauseMaxMs;
    return this.isTalking ? 'resume' : 'expired';
  }
}
