import type { QualityEvent } from '../../protocol/events.ts';

/** What a video line of the session shows. */
export interface VideoLine {
  readonly mid: string;
  /** Id of the camera that was asked for. */
  readonly camera: string;
  /** Id of the camera whose pictures arrive: the one before, until the chosen one has given a picture. */
  readonly shown: string;
}

/** Keeps track of which camera feeds which video line. Each list that it gives is a new one, never changed afterwards. */
export class VideoLines {
  private readonly onChange: (lines: readonly VideoLine[]) => void;
  private current: readonly VideoLine[] = [];

  constructor(options: { onChange(lines: readonly VideoLine[]): void }) {
    this.onChange = options.onChange;
  }

  get all(): readonly VideoLine[] {
    return this.current;
  }

  /** @param streams of the offer */
  open(streams: readonly { mid: string; camera: string }[]): void {
    this.set(streams.map(({ mid, camera }) => ({ mid, camera, shown: camera })));
  }

  /** The device has turned the first line to a camera, whose pictures have yet to come. */
  select(camera: string): void {
    this.set(this.current.map((line, index) => (index === 0 ? { ...line, camera } : line)));
  }

  handleQuality({ mid, camera }: QualityEvent): void {
    const isNews = this.current.some((line) => line.mid === mid && line.shown !== camera);
    if (isNews) this.set(this.current.map((line) => (line.mid === mid ? { ...line, shown: camera } : line)));
  }

  private set(lines: readonly VideoLine[]): void {
    this.current = lines;
    this.onChange(lines);
  }
}
