import { css, html, LitElement, type PropertyValues } from 'lit';
import { emptyStats } from '../client/stats-meter.ts';
import type { ViewerStats } from '../client/viewer-stats.ts';
import { defineElement } from './define-element.ts';
import { renderSparkline } from './sparkline.ts';
import { bitrateText, buildStatsRows, millisecondsText } from './stats-text.ts';
import { controls } from './styles/controls.ts';

/** One minute, at one measurement a second. */
const historyMaxCount = 60;

/** What the viewer measures: two curves over the last minute and every figure. */
export class StatsPanel extends LitElement {
  static override properties = { stats: { attribute: false } };

  declare stats: ViewerStats;
  private history: ViewerStats[] = [];

  constructor() {
    super();
    this.stats = emptyStats;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('stats')) return;
    // A new session counts from zero again, and its curves begin anew.
    const isNewSession = this.stats.framesDecoded < (this.history.at(-1)?.framesDecoded ?? 0);
    if (isNewSession || this.stats === emptyStats) this.history = [];
    if (this.stats !== emptyStats) this.history = [...this.history, this.stats].slice(-historyMaxCount);
  }

  override render() {
    const { stats, history } = this;
    return html`
      <div class="curves">
        ${renderCurve(
          'Bitrate',
          bitrateText(stats.bitrateKbps),
          history.map((entry) => entry.bitrateKbps),
        )}
        ${renderCurve(
          'Round trip',
          millisecondsText(stats.rttMs),
          history.map((entry) => entry.rttMs ?? 0),
        )}
      </div>
      <dl>
        ${buildStatsRows(stats).map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
      </dl>
    `;
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      .curves {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.8em;
        margin-bottom: 0.8em;
      }
      figure {
        margin: 0;
        padding: 0.7em 0.8em;
        border: 1px solid var(--ph-line);
        border-radius: var(--ph-radius);
        background: var(--ph-raised);
      }
      figcaption {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        column-gap: 0.6em;
      }
      .sparkline {
        display: block;
        width: 100%;
        height: 2.4em;
        margin-top: 0.4em;
      }
      polyline {
        fill: none;
        stroke: var(--ph-live);
        stroke-width: 1.5;
        stroke-linejoin: round;
      }
      dl {
        margin: 0;
      }
      dl > div {
        display: flex;
        justify-content: space-between;
        gap: 1em;
        padding: 0.38em 0;
        border-bottom: 1px solid var(--ph-line);
      }
      dl > div:last-child {
        border-bottom: 0;
      }
      dt,
      figcaption span {
        color: var(--ph-soft);
      }
      dd,
      figcaption b {
        margin: 0;
        font-weight: 500;
        font-variant-numeric: tabular-nums;
        text-align: end;
      }
    `,
  ];
}

function renderCurve(label: string, value: string, values: number[]) {
  return html`
    <figure>
      <figcaption><span>${label}</span> <b>${value}</b></figcaption>
      ${renderSparkline(values, historyMaxCount)}
    </figure>
  `;
}

defineElement('porthole-stats-panel', StatsPanel);
