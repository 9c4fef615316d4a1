import { html, nothing } from 'lit';
import type { CameraInfo } from '../../protocol/messages.ts';
import type { ViewerStats } from '../client/viewer-stats.ts';
import type { ViewerState } from '../client/viewer-status.ts';
import { glyphs } from './glyphs.ts';
import { buildStatsSummary } from './stats-text.ts';

export type ViewPanel = 'statistics' | 'commands';

export interface BarOptions {
  state: ViewerState;
  /** Connected, and the picture on show is of now. */
  isLive: boolean;
  stats: ViewerStats;
  cameras: readonly CameraInfo[];
  /** Id of the chosen camera; empty for the device's first. */
  camera: string;
  panel: ViewPanel | null;
  isSnapping: boolean;
  isFullscreen: boolean;
  notice: string;
  onCamera(camera: string): void;
  onSnapshot(): void;
  onPanel(panel: ViewPanel): void;
  onFullscreen(): void;
}

const stateWords: Record<ViewerState, string> = {
  idle: 'Off',
  connecting: 'Connecting',
  waiting: 'Waiting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
  failed: 'Stopped',
};

/** The bar below the picture: the state in a word, the figures that matter, and the buttons. */
export function renderBar(options: BarOptions) {
  const { state, isLive, panel } = options;
  return html`
    <div class="bar" role="group" aria-label="Picture">
      <p class="notice fail" role="status">${options.notice}</p>
      <span class="state" data-state=${isLive ? 'live' : state}>${isLive ? 'Live' : stateWords[state]}</span>
      <span class="summary soft">
        ${isLive ? buildStatsSummary(options.stats).map(({ name, text }) => html`<span class=${name}>${text}</span>`) : nothing}
      </span>
      ${options.cameras.length > 1 ? renderCameras(options) : nothing}
      <button class="plain icon" aria-label="Save a snapshot" title="Save a snapshot"
        ?disabled=${state !== 'connected' || options.isSnapping} @click=${options.onSnapshot}>${glyphs.snapshot}</button>
      <button class="plain icon" aria-label="Statistics" title="Statistics"
        aria-pressed=${panel === 'statistics'} @click=${() => options.onPanel('statistics')}>${glyphs.stats}</button>
      <button class="plain icon" aria-label="Commands" title="Commands"
        aria-pressed=${panel === 'commands'} @click=${() => options.onPanel('commands')}>${glyphs.commands}</button>
      <button class="plain icon" aria-label="Full screen" title="Full screen"
        aria-pressed=${options.isFullscreen} @click=${options.onFullscreen}>
        ${options.isFullscreen ? glyphs.shrink : glyphs.expand}</button>
    </div>
  `;
}

function renderCameras({ cameras, camera, onCamera }: BarOptions) {
  return html`<select class="cameras" aria-label="Camera" @change=${(event: Event) => onCamera((event.target as HTMLSelectElement).value)}>
    ${cameras.map(({ id, name }) => html`<option value=${id} ?selected=${id === camera}>${name}</option>`)}
  </select>`;
}
