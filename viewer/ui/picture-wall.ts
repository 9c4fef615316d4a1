import type { ShownFrame } from '../client/shown-frame.ts';
import type { VideoLine } from '../client/video-lines.ts';
import { Picture } from './picture.ts';

export interface Tile {
  readonly picture: Picture;
  /** Id of the camera that was asked for; empty until it is known which one the device's first is. */
  camera: string;
  /** Id of the camera whose pictures arrive; empty before there are any. */
  arriving: string;
  /** Id of the camera whose picture is to be seen: that of a session before, until the first frame of the new one. */
  shown: string;
}

/** Whether what is to be seen is of another camera than the chosen one, which has not given a picture yet. */
export function isAwaited({ picture, camera, shown }: Tile): boolean {
  return picture.isShown && camera !== '' && shown !== '' && camera !== shown;
}

/**
 * The pictures on show, one for each video line of the session, in their order; one of them is the large one. The sound of the
 * device comes with the first line, whichever is large.
 */
export class PictureWall {
  private readonly buildPicture: () => Picture;
  private readonly onChange: () => void;
  private current: Tile[];
  private mainIndex = 0;
  private wantedVolume = 1;

  constructor(options: { buildPicture(): Picture; onChange(): void }) {
    this.buildPicture = options.buildPicture;
    this.onChange = options.onChange;
    this.current = [{ picture: this.buildPicture(), camera: '', arriving: '', shown: '' }];
  }

  get tiles(): readonly Tile[] {
    return this.current;
  }

  get main(): Tile {
    return this.current[this.mainIndex] ?? this.first;
  }

  /** Which of the video lines is the large one. */
  get mainLine(): number {
    return Math.max(0, this.current.indexOf(this.main));
  }

  /** Whether there is a large picture to look at, new or old. */
  get isShown(): boolean {
    return this.main.picture.isShown;
  }

  get isMuted(): boolean {
    return this.first.picture.video.muted;
  }

  set isMuted(isMuted: boolean) {
    this.first.picture.video.muted = isMuted;
    this.onChange();
  }

  /** 0 to 1. A phone may keep it to itself, and to its own keys. */
  get volume(): number {
    return this.wantedVolume;
  }

  set volume(volume: number) {
    this.wantedVolume = volume;
    this.first.picture.video.volume = volume;
    this.onChange();
  }

  /** Makes room for the cameras that are asked for; with none, for the device's first. Pictures that stay are not touched. */
  arrange(cameras: readonly string[]): void {
    const wanted = cameras.length > 0 ? cameras : [''];
    for (const { picture } of this.current.slice(wanted.length)) picture.clear();
    this.current = wanted.map((camera, index) => {
      const { picture = this.buildPicture(), shown = '' } = this.current[index] ?? {};
      return { picture, camera, arriving: '', shown };
    });
    this.mainIndex = 0;
    this.onChange();
  }

  show({ line, camera, stream }: { line: number; camera: string; stream: MediaStream }): void {
    const tile = this.current[line];
    if (!tile) return;
    tile.camera = camera;
    tile.picture.show(stream);
  }

  /** Other cameras are asked for, or have begun to give their pictures. */
  setLines(lines: readonly VideoLine[]): void {
    for (const [index, { camera, shown }] of lines.entries()) {
      const tile = this.current[index];
      if (tile) Object.assign(tile, { camera, arriving: shown });
    }
    this.handlePicture();
  }

  /** A picture has appeared, or is held. */
  handlePicture(): void {
    for (const tile of this.current) {
      if (!tile.picture.isHeld && tile.arriving) tile.shown = tile.arriving;
    }
    this.onChange();
  }

  /** Makes a camera that is on show the large one. @returns false when it is not on show */
  enlarge(camera: string): boolean {
    const index = this.current.findIndex((tile) => tile.camera === camera);
    if (index < 0) return false;
    this.mainIndex = index;
    this.onChange();
    return true;
  }

  play(): void {
    for (const { picture } of this.current) void picture.play();
  }

  hold(): void {
    for (const { picture } of this.current) picture.hold();
  }

  clear(): void {
    for (const { picture } of this.current) picture.clear();
  }

  private get first(): Tile {
    const [first] = this.current;
    if (!first) throw new Error('a wall without pictures');
    return first;
  }
}

/** A wall whose pictures are real elements. */
export function buildPictureWall(options: {
  onFrame(stream: MediaStream, frame: ShownFrame): void;
  onChange(): void;
}): PictureWall {
  const buildPicture = () =>
    new Picture({
      video: document.createElement('video'),
      held: document.createElement('canvas'),
      onFrame: options.onFrame,
      onChange: () => wall.handlePicture(),
    });
  const wall: PictureWall = new PictureWall({ buildPicture, onChange: options.onChange });
  return wall;
}
