import { Emitter } from '../../protocol/emitter.ts';
import type { CameraInfo } from '../../protocol/messages.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { PortholeClientEvents } from '../../viewer/client/porthole-client.ts';
import type { VideoLine } from '../../viewer/client/video-lines.ts';
import type { SessionInfo } from '../../viewer/client/viewer-session.ts';
import type { ViewerStatus } from '../../viewer/client/viewer-status.ts';
import type { OpenClientOptions, ViewerClient } from '../../viewer/ui/viewer-client.ts';

/** A client that does nothing by itself, and remembers what it was asked for. */
export class FakeViewerClient implements ViewerClient {
  readonly events = new Emitter<PortholeClientEvents>();
  readonly options: OpenClientOptions;
  status: ViewerStatus = { state: 'idle' };
  session = null;
  private lines: readonly VideoLine[] = [];
  isDisconnected = false;
  /** What it was told before it was connected. */
  isListening = false;
  /** What was asked of the device, in order. */
  readonly asked: string[] = [];
  /** When set, the device refuses everything with it. */
  refusal: Error | null = null;

  constructor(options: OpenClientOptions) {
    this.options = options;
  }

  connect() {
    this.say({ state: 'connecting', step: 'device' });
  }

  async disconnect() {
    this.isDisconnected = true;
  }

  call = async (method: string) => `${method} done`;

  setQuality = (quality: VideoQuality) => this.ask(`quality ${quality}`);

  setListening = async (isListening: boolean) => {
    if (this.status.state === 'connected') await this.ask(`sound ${isListening ? 'on' : 'off'}`);
    else this.isListening = isListening;
  };

  selectCamera = async (camera: string) => {
    await this.ask(`camera ${camera}`);
    this.lines = this.lines.map((line, index) => (index === 0 ? { ...line, camera } : line));
    this.events.emit('lines', this.lines);
  };

  startTalk = () => this.ask('talk');

  stopTalk = () => this.ask('hush');

  handleFrame() {}

  say(status: ViewerStatus) {
    this.status = status;
    this.events.emit('status', status);
  }

  /** A session begins with these cameras. */
  show(...cameras: string[]): void {
    this.lines = cameras.map((camera, index) => ({ mid: `v${index}`, camera, shown: camera }));
    this.events.emit('lines', this.lines);
  }

  private async ask(what: string): Promise<void> {
    this.asked.push(what);
    if (this.refusal) throw this.refusal;
  }
}

export function buildViewerInfo(cameras: CameraInfo[]): SessionInfo {
  return { role: 'view', device: { name: 'D', version: '1' }, cameras, hasAudio: false, canTalk: false };
}
