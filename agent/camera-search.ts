import type { CameraConfig } from './config/config-schema.ts';

export interface CameraSearchOptions {
  /** @returns null while there is none */
  find(): Promise<CameraConfig | null>;
  /** Called once, with the first that is there; the search is over then. */
  onFound(camera: CameraConfig): void;
}

const intervalMs = 2_000;

/** Looks for a camera until there is one: USB can be slow at boot, or somebody plugs it in later. */
export class CameraSearch {
  private readonly options: CameraSearchOptions;
  private timer: NodeJS.Timeout | null = null;
  private look: Promise<void> = Promise.resolve();
  private isOver = false;
  /** What the last look saw. */
  private seen: string | null = null;

  constructor(options: CameraSearchOptions) {
    this.options = options;
  }

  start(): void {
    this.expect();
  }

  /** Resolves when nothing of it is left. Idempotent. */
  async stop(): Promise<void> {
    this.isOver = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.look;
  }

  private expect(): void {
    this.timer = setTimeout(() => {
      this.look = this.lookOnce();
    }, intervalMs);
  }

  private async lookOnce(): Promise<void> {
    const camera = await this.options.find().catch(() => null);
    if (this.isOver) return;
    // Two looks have to agree: udev gives a device that has just come its lasting name and its group a moment later.
    if (camera === null || camera.source !== this.seen) {
      this.seen = camera?.source ?? null;
      this.expect();
      return;
    }
    this.isOver = true;
    this.options.onFound(camera);
  }
}
