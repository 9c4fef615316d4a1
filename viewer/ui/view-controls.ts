import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { ChoiceMenu } from './choice-menu.ts';
import { toggleFullscreen } from './fullscreen.ts';
import type { PictureWall } from './picture-wall.ts';
import { PressToTalk } from './press-to-talk.ts';
import { buildSnapshotName, downloadBlob, takeSnapshot } from './snapshot.ts';
import { renderSoundControl } from './sound-control.ts';
import { renderTalkButton } from './talk-button.ts';
import { TalkSwitch } from './talk-switch.ts';
import { renderBar, type ViewPanel } from './view-bar.ts';
import type { CameraChoice } from './view-cameras.ts';
import { type ViewKey, ViewKeys } from './view-keys.ts';
import { renderCameraMenu, renderQualityMenu } from './view-menus.ts';
import { loadPanel } from './view-panel.ts';
import type { ViewSession } from './view-session.ts';

export interface ControlledView extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: ParentNode;
  readonly globalKeys: boolean;
}

/** The bar below the picture and the keys: what they do, and what they have to say about it. */
export class ViewControls implements ReactiveController {
  private readonly view: ControlledView;
  private readonly session: ViewSession;
  private readonly wall: PictureWall;
  private readonly onCameras: (choice: CameraChoice) => void;
  private readonly talk: TalkSwitch;
  private readonly press: PressToTalk;
  private readonly keys: ViewKeys;
  private openPanel: ViewPanel | null = null;
  private sentence = '';
  private isSnapping = false;

  constructor(options: {
    view: ControlledView;
    session: ViewSession;
    wall: PictureWall;
    onCameras(choice: CameraChoice): void;
  }) {
    const { view, session } = options;
    this.view = view;
    this.session = session;
    this.wall = options.wall;
    this.onCameras = options.onCameras;
    this.talk = new TalkSwitch({
      port: { start: () => session.startTalk(), stop: () => session.stopTalk() },
      onChange: () => this.handleTalk(),
    });
    this.press = new PressToTalk({ target: this.talk });
    this.keys = new ViewKeys({
      host: view,
      isGlobal: () => view.globalKeys,
      onDown: (key) => this.handleKey(key),
      onTalkUp: () => this.talk.end(),
    });
    session.events.on('status', ({ status }) => {
      this.say('');
      if (status.state === 'reconnecting') this.talk.suspend();
      else if (status.state !== 'connected') this.talk.reset();
    });
    session.events.on('talk', ({ isHeard, error }) => this.talk.resume(isHeard, error));
    session.events.on('notification', ({ method, params }) => {
      if (method === 'event.talk') this.talk.handleEvent(params);
    });
  }

  /** The panel that is open, beside the picture or below it. */
  get panel(): ViewPanel | null {
    return this.openPanel;
  }

  hostConnected(): void {
    this.keys.open();
    addEventListener('blur', this.handleBlur);
    this.view.addEventListener('fullscreenchange', this.handleFullscreen);
  }

  hostDisconnected(): void {
    this.keys.close();
    removeEventListener('blur', this.handleBlur);
    this.view.removeEventListener('fullscreenchange', this.handleFullscreen);
  }

  changeFullscreen(): void {
    void toggleFullscreen(this.view, this.wall.main.picture.video);
  }

  /** Says something below the picture; empty takes it back. */
  say(sentence: string): void {
    this.sentence = sentence;
    this.view.requestUpdate();
  }

  render({ isLive }: { isLive: boolean }) {
    const { session } = this;
    return renderBar({
      state: session.status.state,
      isLive,
      stats: session.stats.lines[this.wall.mainLine] ?? session.stats,
      panel: this.openPanel,
      isSnapping: this.isSnapping,
      isFullscreen: this.view.matches(':fullscreen'),
      notice: this.sentence,
      menus: session.status.state === 'connected' ? this.renderMenus() : nothing,
      voice: session.status.state === 'connected' ? this.renderVoice() : nothing,
      onSnapshot: () => this.saveSnapshot(),
      onPanel: (panel) => this.choosePanel(panel),
      onFullscreen: () => this.changeFullscreen(),
    });
  }

  private renderMenus() {
    const { session, wall } = this;
    const { cameras, quality } = session;
    if (cameras.length === 0) return nothing;
    const { camera } = wall.main;
    return html`${renderCameraMenu({
      cameras,
      camera,
      isGrid: wall.tiles.length > 1,
      onCamera: (id) => this.onCameras({ camera: id }),
      onGrid: (isGrid) => this.onCameras({ camera, cameras: isGrid ? allCameras(cameras, camera) : [] }),
    })}${renderQualityMenu({
      quality,
      sent: session.sentQuality(camera),
      onChoose: (quality) => void this.chooseQuality(quality),
    })}`;
  }

  private renderVoice() {
    const { talk, press, wall } = this;
    const { info } = this.session;
    return [
      info?.canTalk ? renderTalkButton({ talk, press }) : nothing,
      info?.hasAudio ? renderSoundControl(wall) : nothing,
    ];
  }

  private handleTalk(): void {
    // That somebody else talks is no trouble of ours, and stands in the button.
    if (this.talk.state === 'taken') this.view.requestUpdate();
    else this.say(this.talk.message);
  }

  private handleKey(key: ViewKey): void {
    const { info, status } = this.session;
    if (key === 'fullscreen') this.changeFullscreen();
    else if (status.state !== 'connected') return;
    else if (key === 'quality')
      this.view.renderRoot.querySelector<ChoiceMenu>('porthole-choice-menu.quality')?.toggle();
    else if (key === 'mute' && info?.hasAudio) this.wall.isMuted = !this.wall.isMuted;
    else if (key === 'talk' && info?.canTalk) void this.talk.begin();
  }

  private choosePanel(panel: ViewPanel): void {
    this.openPanel = panel === this.openPanel ? null : panel;
    this.view.requestUpdate();
    if (this.openPanel) loadPanel(panel).catch(() => this.say('This panel could not be loaded. Reload the page.'));
  }

  private async chooseQuality(quality: VideoQuality): Promise<void> {
    try {
      await this.session.setQuality(quality);
      this.say('');
    } catch (error) {
      this.say(`The quality stays as it is: ${messageOf(error)}`);
    }
  }

  private async saveSnapshot(): Promise<void> {
    this.isSnapping = true;
    this.say('');
    const { info } = this.session;
    const camera = this.wall.main.camera || undefined;
    try {
      const blob = await takeSnapshot({ call: (method, params) => this.session.call(method, params), camera });
      downloadBlob(blob, buildSnapshotName(`${info?.device.name ?? ''} ${camera ?? ''}`, new Date()));
    } catch (error) {
      this.say(`No snapshot: ${messageOf(error)}`);
    } finally {
      this.isSnapping = false;
      this.view.requestUpdate();
    }
  }

  private readonly handleBlur = (): void => this.press.cancel();

  private readonly handleFullscreen = (): void => this.view.requestUpdate();
}

/** More cannot be asked for in one session (see `helloSchema`). */
const camerasMaxCount = 8;

/** The large one first: it stays the large one. */
function allCameras(cameras: readonly { id: string }[], main: string): string[] {
  const others = cameras.map(({ id }) => id).filter((id) => id !== main);
  return [main, ...others].slice(0, camerasMaxCount);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
