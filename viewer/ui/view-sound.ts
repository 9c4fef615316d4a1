import type { PictureWall } from './picture-wall.ts';
import type { ViewSession } from './view-session.ts';

/** Has the device send its sound while it can be heard, and only then. */
export class ViewSound {
  private readonly session: Pick<ViewSession, 'isListening' | 'setListening'>;
  private readonly wall: Pick<PictureWall, 'isMuted'>;
  private readonly onProblem: (sentence: string) => void;

  constructor(options: {
    session: Pick<ViewSession, 'isListening' | 'setListening'>;
    wall: Pick<PictureWall, 'isMuted'>;
    onProblem(sentence: string): void;
  }) {
    this.session = options.session;
    this.wall = options.wall;
    this.onProblem = options.onProblem;
  }

  /** The wall may have been muted, by the person, the page or the browser; or it is no more. */
  follow(): void {
    const isListening = !this.wall.isMuted;
    if (isListening === this.session.isListening) return;
    this.session.setListening(isListening).catch((error: Error) => {
      // Where it was to end, nobody hears that it goes on.
      if (!isListening || this.wall.isMuted) return;
      this.wall.isMuted = true;
      this.onProblem(`No sound: ${error.message}`);
    });
  }
}
