import './zod-without-eval.ts';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { ViewerStats } from '../client/viewer-stats.ts';
import type { ViewerState, ViewerStatus } from '../client/viewer-status.ts';
import { defineElement } from './define-element.ts';
import { buildPictureWall } from './picture-wall.ts';
import { barStyles } from './styles/bar.ts';
import { controls } from './styles/controls.ts';
import { stageStyles } from './styles/stage.ts';
import { tokens } from './styles/tokens.ts';
import { viewStyles } from './styles/view.ts';
import { ViewCameras } from './view-cameras.ts';
import { ViewControls } from './view-controls.ts';
import { renderPanel } from './view-panel.ts';
import { ViewSession } from './view-session.ts';
import { ViewSound } from './view-sound.ts';
import { describeStage, renderStage } from './view-stage.ts';
import { type OpenClient, openPortholeClient } from './viewer-client.ts';

/** Detail of `statechange`. `state` equals `previous` where only the reason or the step has changed. */
export interface StateChange {
  state: ViewerState;
  previous: ViewerState;
  /** A code of the closed list in protocol/errors.ts; null while nothing is wrong. */
  error: ViewerStatus['error'] | null;
  /** One sentence for people. */
  message: string;
}

/**
 * The live picture of a device, with its state, statistics and commands.
 *
 * Properties: `link` (a whole link or its fragment; while connected, a new one switches over), `camera` (id of the one to show,
 * or to show large; empty for the device's first), `cameras` (ids of several to show at once, the first of them large; as an
 * attribute with commas), `autoconnect`, `globalKeys` (attribute `global-keys`: the keys m, t, f and q count wherever the focus
 * is, not in the element alone), `muted`, and, to be read, `state` (also as attribute), `stats` (new every second), `quality`.
 *
 * @fires statechange with a {@link StateChange}
 * @fires notification with `{method, params}`, as the device sends it
 * @fires accepted with `{role, device, cameras}`: a session begins, and an invite in the link has done its work
 */
export class PortholeView extends LitElement {
  static override properties = {
    link: {},
    camera: {},
    cameras: { converter: splitIds },
    autoconnect: { type: Boolean },
    globalKeys: { type: Boolean, attribute: 'global-keys' },
  };

  declare camera: string;
  declare cameras: readonly string[];
  declare autoconnect: boolean;
  declare globalKeys: boolean;
  /** Where the client comes from; a page has no reason to set it. */
  openClient: OpenClient = openPortholeClient;

  private currentLink = '';
  private readonly session = new ViewSession({ openClient: (options) => this.openClient(options) });
  private readonly wall = buildPictureWall({
    onFrame: (stream, frame) => this.session.handleFrame(stream, frame),
    onChange: () => this.handleWall(),
  });
  private readonly viewSound = new ViewSound({
    session: this.session,
    wall: this.wall,
    onProblem: (sentence) => this.viewControls.say(sentence),
  });
  private readonly viewCameras = new ViewCameras({
    view: this,
    session: this.session,
    wall: this.wall,
    onProblem: (sentence) => this.viewControls.say(sentence),
  });
  private readonly viewControls: ViewControls = new ViewControls({
    view: this,
    session: this.session,
    wall: this.wall,
    onCameras: (choice) => this.viewCameras.choose(choice),
  });

  constructor() {
    super();
    this.camera = '';
    this.cameras = [];
    this.autoconnect = false;
    this.globalKeys = false;
    this.addController(this.viewControls);
    const { events } = this.session;
    events.on('status', ({ status, previous }) => this.handleStatus(status, previous));
    events.on('stream', (stream) => this.wall.show(stream));
    events.on('lines', (lines) => this.wall.setLines(lines));
    events.on('stats', () => this.requestUpdate());
    events.on('cameras', () => this.requestUpdate());
    events.on('accepted', (detail) => this.fire('accepted', detail));
    events.on('notification', (detail) => {
      this.requestUpdate();
      this.fire('notification', detail);
    });
  }

  get link(): string {
    return this.currentLink;
  }

  set link(link: string) {
    if (link === this.currentLink) return;
    this.currentLink = link;
    this.handleNewLink();
  }

  get state(): ViewerState {
    return this.session.status.state;
  }

  get stats(): ViewerStats {
    return this.session.stats;
  }

  /**
   * Whether the sound of the device is off, as it is at first; it is then not sent either. A browser may refuse sound before the
   * person touches the page.
   */
  get muted(): boolean {
    return this.wall.isMuted;
  }

  set muted(isMuted: boolean) {
    this.wall.isMuted = isMuted;
  }

  get quality(): VideoQuality {
    return this.session.quality;
  }

  connect(): void {
    if (!this.isActive) this.viewCameras.open(this.link);
  }

  /** Ends the session; resolves when nothing of it is left. */
  async disconnect(): Promise<void> {
    await this.session.close();
  }

  /**
   * Runs a command on the device. Where its answer has binary data, the result has it as `data`.
   *
   * @throws RpcError with a `code` of the closed list in protocol/rpc.ts; `unavailable` without a session
   */
  call(method: string, params: object = {}): Promise<unknown> {
    return this.session.call(method, params);
  }

  /** `auto` follows what the path carries; the others pin a size. It holds for this device until it is changed. @throws RpcError */
  async setQuality(quality: VideoQuality): Promise<void> {
    await this.session.setQuality(quality);
    this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // The device would otherwise serve a page that is gone until its silence is noticed.
    addEventListener('pagehide', this.handlePageHide);
    if (this.autoconnect && this.link && this.state === 'idle') this.connect();
    // Moving a video within the document pauses it.
    if (this.wall.isShown) this.wall.play();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('pagehide', this.handlePageHide);
    // An element that only moves is back in the document by then.
    queueMicrotask(() => {
      if (!this.isConnected) void this.disconnect();
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.isActive && (changed.has('camera') || changed.has('cameras'))) this.viewCameras.follow(this.link);
  }

  override render() {
    const { wall, session, viewControls } = this;
    const stage = describeStage({ session, wall, hasLink: this.link !== '' });
    const { panel } = viewControls;
    return html`<div class="frame">
      ${renderStage({
        session,
        wall,
        stage,
        onEnlarge: (camera) => this.viewCameras.choose({ camera }),
        onAction: ({ does }) => (does === 'play' ? wall.play() : this.connect()),
        onFullscreen: () => viewControls.changeFullscreen(),
      })}
      ${viewControls.render(stage)}
      ${panel ? renderPanel(panel, { session, call: (method, params) => this.call(method, params) }) : nothing}
    </div>`;
  }

  /** Connected, or on the way to be. */
  private get isActive(): boolean {
    return this.state !== 'idle' && this.state !== 'failed';
  }

  private handleNewLink(): void {
    this.viewCameras.forgetChoice();
    const problem = this.session.check(this.link);
    if (problem !== null) this.session.fail(this.link, problem);
    else if (this.isActive) this.viewCameras.open(this.link);
    else if (this.autoconnect && this.isConnected) this.connect();
    else void this.session.close();
    this.wall.clear();
  }

  private readonly handlePageHide = (): void => void this.disconnect();

  private handleWall(): void {
    this.viewSound.follow();
    this.requestUpdate();
  }

  private handleStatus(status: ViewerStatus, previous: ViewerStatus): void {
    if (status.state === 'idle') this.wall.clear();
    else if (status.state !== 'connected') this.wall.hold();
    this.setAttribute('state', status.state);
    this.requestUpdate();
    const detail: StateChange = {
      state: status.state,
      previous: previous.state,
      error: status.error ?? null,
      message: this.session.message,
    };
    this.fire('statechange', detail);
  }

  private fire(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  static override styles = [tokens, controls, viewStyles, stageStyles, barStyles];
}

/** The attribute `cameras`: ids with commas in between. */
function splitIds(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
}

defineElement('porthole-view', PortholeView);

declare global {
  interface HTMLElementTagNameMap {
    'porthole-view': PortholeView;
  }
}
