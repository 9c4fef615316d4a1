import './zod-without-eval.ts';
import { html, LitElement, nothing } from 'lit';
import './command-box.ts';
import './state-line.ts';
import './stats-panel.ts';
import type { ViewerStats } from '../client/viewer-stats.ts';
import type { ViewerState, ViewerStatus } from '../client/viewer-status.ts';
import { buildStepMarks } from './connection-steps.ts';
import { defineElement } from './define-element.ts';
import { toggleFullscreen } from './fullscreen.ts';
import { Picture } from './picture.ts';
import { buildSnapshotName, downloadBlob, takeSnapshot } from './snapshot.ts';
import { buildStageWords, type StageAction, type StageWords } from './stage-words.ts';
import { controls } from './styles/controls.ts';
import { tokens } from './styles/tokens.ts';
import { viewStyles } from './styles/view.ts';
import { renderBar, type ViewPanel } from './view-bar.ts';
import { ViewSession } from './view-session.ts';
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
 * Properties: `link` (a whole link or its fragment; while connected, a new one switches over), `camera` (id; empty for the
 * device's first), `autoconnect`, and, to be read, `state` (also as attribute) and `stats` (new every second).
 *
 * @fires statechange with a {@link StateChange}
 * @fires notification with `{method, params}`, as the device sends it
 * @fires accepted with `{role, device, cameras}`: a session begins, and an invite in the link has done its work
 */
export class PortholeView extends LitElement {
  static override properties = {
    link: {},
    camera: {},
    autoconnect: { type: Boolean },
    panel: { state: true },
    notice: { state: true },
    isSnapping: { state: true },
  };

  declare camera: string;
  declare autoconnect: boolean;
  /** Where the client comes from; a page has no reason to set it. */
  openClient: OpenClient = openPortholeClient;

  declare private panel: ViewPanel | null;
  /** What a button of the bar has to say, such as why there is no snapshot. */
  declare private notice: string;
  declare private isSnapping: boolean;
  private currentLink = '';
  private readonly session = new ViewSession({ openClient: (options) => this.openClient(options) });
  private readonly picture = new Picture({
    video: document.createElement('video'),
    held: document.createElement('canvas'),
    onFrame: (stream, frame) => this.session.handleFrame(stream, frame),
    onChange: () => this.requestUpdate(),
  });

  constructor() {
    super();
    this.camera = '';
    this.autoconnect = false;
    this.panel = null;
    this.notice = '';
    this.isSnapping = false;
    this.addEventListener('fullscreenchange', () => this.requestUpdate());
    const { events } = this.session;
    events.on('status', ({ status, previous }) => this.handleStatus(status, previous));
    events.on('stream', (stream) => this.picture.show(stream));
    events.on('stats', () => this.requestUpdate());
    events.on('cameras', () => this.requestUpdate());
    events.on('accepted', (detail) => this.fire('accepted', detail));
    events.on('notification', (detail) => this.fire('notification', detail));
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

  connect(): void {
    const { state } = this;
    if (state === 'idle' || state === 'failed') void this.session.open(this.link, this.camera);
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

  override connectedCallback(): void {
    super.connectedCallback();
    // The device would otherwise serve a page that is gone until its silence is noticed.
    addEventListener('pagehide', this.handlePageHide);
    if (this.autoconnect && this.link && this.state === 'idle') this.connect();
    // Moving a video within the document pauses it.
    if (this.picture.isShown) void this.picture.play();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('pagehide', this.handlePageHide);
    // An element that only moves is back in the document by then.
    queueMicrotask(() => {
      if (!this.isConnected) void this.disconnect();
    });
  }

  override render() {
    const { picture, session, state } = this;
    const words = this.buildWords();
    const isLive = state === 'connected' && picture.isShown && words.message === '';
    return html`<div class="frame">
      <div class="stage on-stage" ?data-shown=${picture.isShown} ?data-dimmed=${picture.isShown && !isLive} @dblclick=${() => this.changeFullscreen()}>
        ${picture.video}${picture.held}${this.renderStateLine(words)}
      </div>
      ${renderBar({
        state,
        isLive,
        stats: session.stats,
        cameras: session.cameras,
        camera: this.camera,
        panel: this.panel,
        isSnapping: this.isSnapping,
        isFullscreen: this.matches(':fullscreen'),
        notice: this.notice,
        onCamera: (camera) => this.switchCamera(camera),
        onSnapshot: () => this.saveSnapshot(),
        onPanel: (panel) => {
          this.panel = panel === this.panel ? null : panel;
        },
        onFullscreen: () => this.changeFullscreen(),
      })}
      ${this.panel ? html`<section class="panel" aria-label=${this.panel}>${this.renderPanel()}</section>` : nothing}
    </div>`;
  }

  private renderStateLine({ message, action }: StageWords) {
    return html`<porthole-state-line
      .state=${this.state}
      .message=${message}
      .steps=${buildStepMarks(this.session.status)}
      .action=${action?.label ?? ''}
      ?compact=${this.picture.isShown}
      @act=${() => action && this.act(action)}
    ></porthole-state-line>`;
  }

  private buildWords(): StageWords {
    const { status, message, cameras, stillSeconds } = this.session;
    const { camera, picture } = this;
    return buildStageWords({ status, message, hasLink: this.link !== '', cameras, camera, picture, stillSeconds });
  }

  private renderPanel() {
    if (this.panel === 'statistics') {
      return html`<h2>Statistics</h2><porthole-stats-panel .stats=${this.stats}></porthole-stats-panel>`;
    }
    return html`<h2>Commands</h2>
      <porthole-command-box
        .call=${(method: string, params: object) => this.call(method, params)}
        .session=${this.state === 'connected' ? this.session.info : null}
      ></porthole-command-box>`;
  }

  private act({ does }: StageAction): void {
    if (does === 'play') void this.picture.play();
    else this.connect();
  }

  private handleNewLink(): void {
    const problem = this.session.check(this.link);
    if (problem !== null) this.session.fail(this.link, problem);
    else if (this.state !== 'idle' && this.state !== 'failed') void this.session.open(this.link, this.camera);
    else if (this.autoconnect && this.isConnected) this.connect();
    else void this.session.close();
    this.picture.clear();
  }

  private readonly handlePageHide = (): void => void this.disconnect();

  private handleStatus(status: ViewerStatus, previous: ViewerStatus): void {
    if (status.state === 'idle') this.picture.clear();
    else if (status.state !== 'connected') this.picture.hold();
    this.notice = '';
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

  private switchCamera(camera: string): void {
    this.camera = camera;
    void this.session.open(this.link, camera);
  }

  private async saveSnapshot(): Promise<void> {
    this.isSnapping = true;
    this.notice = '';
    try {
      const camera = this.camera || this.session.cameras[0]?.id;
      const blob = await takeSnapshot({ call: (method, params) => this.call(method, params), camera });
      downloadBlob(blob, buildSnapshotName(`${this.session.info?.device.name ?? ''} ${camera ?? ''}`, new Date()));
    } catch (error) {
      this.notice = `No snapshot: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.isSnapping = false;
    }
  }

  private changeFullscreen(): void {
    void toggleFullscreen(this, this.picture.video);
  }

  private fire(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  static override styles = [tokens, controls, viewStyles];
}

defineElement('porthole-view', PortholeView);

declare global {
  interface HTMLElementTagNameMap {
    'porthole-view': PortholeView;
  }
}
