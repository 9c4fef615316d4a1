import type { VideoQuality } from '../client/porthole-client.ts';
import type { ViewerClient } from './viewer-client.ts';

type ChoiceClient = Pick<ViewerClient, 'setQuality' | 'selectCamera'>;

/**
 * What a person has chosen about the pictures: a quality, and another camera for the first video line. A session begins at what
 * its hello asked for, so each new one is told again.
 */
export class PictureChoices {
  private readonly onSelected: (camera: string) => void;
  private wanted: readonly string[] = [];
  private selected: string | null = null;
  private currentQuality: VideoQuality = 'auto';

  /** @param options.onSelected the first line shows this camera now */
  constructor(options: { onSelected(camera: string): void }) {
    this.onSelected = options.onSelected;
  }

  get quality(): VideoQuality {
    return this.currentQuality;
  }

  /** A client asks for these cameras, one video line each; with none, for the device's first. */
  begin(cameras: readonly string[]): void {
    this.wanted = cameras;
    this.selected = null;
  }

  /** Another device: the quality was meant for the path to the one before. */
  forget(): void {
    this.currentQuality = 'auto';
  }

  /** The video line of a stream, and the camera that it shows or is about to show. */
  place(camera: string): { line: number; camera: string } {
    const line = Math.max(0, this.wanted.indexOf(camera));
    return { line, camera: line === 0 ? (this.selected ?? camera) : camera };
  }

  /** @throws RpcError */
  async setQuality(client: ChoiceClient, quality: VideoQuality): Promise<void> {
    await client.setQuality(quality);
    this.currentQuality = quality;
  }

  /** @throws RpcError */
  async selectCamera(client: ChoiceClient, camera: string): Promise<void> {
    await client.selectCamera(camera);
    this.selected = camera;
    this.onSelected(camera);
  }

  /**
   * Tells a new session what was chosen.
   *
   * @param firstCamera what the first line shows if the device has the chosen camera no more
   */
  async repeat(client: ChoiceClient, firstCamera: string): Promise<void> {
    const { selected, quality } = this;
    if (quality !== 'auto') await this.setQuality(client, quality).catch(warn);
    if (selected === null) return;
    await this.selectCamera(client, selected).catch((error: unknown) => {
      warn(error);
      if (this.selected !== selected) return;
      this.selected = null;
      this.onSelected(this.wanted[0] ?? firstCamera);
    });
  }
}

function warn(error: unknown): void {
  console.warn('porthole: the new session did not take over a choice', error);
}
