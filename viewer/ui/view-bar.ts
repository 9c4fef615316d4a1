import { html, nothing, type TemplateResult } from 'lit';
import type { PictureStats } from '../client/viewer-stats.ts';
import type { ViewerState } from '../client/viewer-status.ts';
import { glyphs } from './glyphs.ts';
import { buildStatsSummary } from './stats-text.ts';
import { viewKeyLetters } from './view-keys.ts';

export type ViewPanel = 'statistics' | 'commands';

export interface BarOptions {
  state: ViewerState;
  /** Connected, and the picture on show is of now. */
  isLive: boolean;
  /** Of the large picture. */
  stats: PictureStats;
  panel: ViewPanel | null;
  isSnapping: boolean;
  isFullscreen: boolean;
  /** What a button has to say, such as why there is no snapshot. */
  notice: string;
  menus: unknown;
  /** Sound and microphone, where the device has them. */
  voice: unknown;
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
  const { state, isLive } = options;
  return html`
    <div class="bar" role="group" aria-label="Picture">
      <p class="notice fail" role="status">${options.notice}</p>
      <span class="state" data-state=${isLive ? 'live' : state}>${isLive ? 'Live' : stateWords[state]}</span>
      <span class="summary soft">${isLive ? buildStatsSummary(options.stats).map(renderFigure) : nothing}</span>
      <span class="menus">${options.menus}</span>
      <span class="buttons">${options.voice}${renderButtons(options)}</span>
    </div>
  `;
}

function renderFigure({ name, text, title }: ReturnType<typeof buildStatsSummary>[number]) {
  return html`<span class=${name} title=${title ?? nothing}>${text}</span>`;
}

function renderButtons({ state, panel, isSnapping, isFullscreen, onSnapshot, onPanel, onFullscreen }: BarOptions) {
  const buttons: IconButton[] = [
    {
      label: 'Save a snapshot',
      glyph: glyphs.snapshot,
      isDisabled: state !== 'connected' || isSnapping,
      onClick: onSnapshot,
    },
    {
      label: 'Statistics',
      glyph: glyphs.stats,
      isPressed: panel === 'statistics',
      onClick: () => onPanel('statistics'),
    },
    { label: 'Commands', glyph: glyphs.commands, isPressed: panel === 'commands', onClick: () => onPanel('commands') },
    {
      label: 'Full screen',
      key: viewKeyLetters.fullscreen,
      glyph: isFullscreen ? glyphs.shrink : glyphs.expand,
      isPressed: isFullscreen,
      onClick: onFullscreen,
    },
  ];
  return buttons.map(renderIconButton);
}

interface IconButton {
  label: string;
  /** The letter that does the same. */
  key?: string;
  glyph: TemplateResult;
  isPressed?: boolean;
  isDisabled?: boolean;
  onClick(): void;
}

function renderIconButton({ label, key, glyph, isPressed, isDisabled = false, onClick }: IconButton) {
  return html`<button class="plain icon" aria-label=${label} title=${key ? `${label} (${key})` : label}
    aria-pressed=${isPressed ?? nothing} aria-keyshortcuts=${key ?? nothing} ?disabled=${isDisabled} @click=${onClick}>${glyph}</button>`;
}
