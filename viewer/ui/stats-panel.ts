import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { CameraInfo } from '../../protocol/messages.ts';
import { emptyStats } from '../client/stats-meter.ts';
import type { LineStats, ViewerStats } from '../client/viewer-stats.ts';
import { defineElement } from './define-element.ts';
import { renderQualityHistory } from './quality-history.ts';
import type { QualityChange } from './quality-log.ts';
import { renderSparkline } from './sparkline.ts';
import { bitrateText, buildPathRows, buildPictureRows, millisecondsText, type StatsRow } from './stats-text.ts';
import { controls } from './styles/controls.ts';
import { statsPanelStyles } from './styles/stats-panel.ts';

/** One minute, at one measurement a second. */
const historyMaxCount = 60;

/**
 * What the viewer measures: curves over the last minute, every figure, of each camera where there are several, and when the
 * quality has changed, and why.
 */
export class StatsPanel extends LitElement {
  static override properties = {
    stats: { attribute: false },
    changes: { attribute: false },
    cameras: { attribute: false },
  };

  declare stats: ViewerStats;
  /** Newest first. */
  declare changes: readonly QualityChange[];
  /** For their names. */
  declare cameras: readonly CameraInfo[];
  private history: ViewerStats[] = [];

  constructor() {
    super();
    this.stats = emptyStats;
    this.changes = [];
    this.cameras = [];
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
    const isOfSeveral = stats.lines.length > 1;
    const firstName = isOfSeveral ? ` · ${this.nameOf(stats.lines[0]?.camera ?? '')}` : '';
    return html`
      <div class="curves">
        ${renderCurve(
          isOfSeveral ? 'Bitrate · all cameras' : 'Bitrate',
          bitrateText(stats.bitrateKbps),
          history.map((entry) => entry.bitrateKbps),
          // Before the device has said what the path carries there is no second line.
          history.every((entry) => entry.targetKbps !== null) ? history.map((entry) => entry.targetKbps ?? 0) : [],
        )}
        ${renderCurve(
          `Latency${firstName}`,
          millisecondsText(stats.glassToGlassMs),
          history.map((entry) => entry.glassToGlassMs ?? 0),
        )}
        ${renderCurve(
          'Round trip',
          millisecondsText(stats.rttMs),
          history.map((entry) => entry.rttMs ?? 0),
        )}
      </div>
      ${
        isOfSeveral
          ? stats.lines.map((line) => html`<h3>${this.nameOf(line.camera)}</h3>${renderLine(line)}`)
          : renderRows(buildPictureRows(stats))
      }
      ${isOfSeveral ? html`<h3>Connection</h3>` : nothing}${renderRows(buildPathRows(stats))}
      ${renderQualityHistory(this.changes, this.cameras)}
    `;
  }

  private nameOf(camera: string): string {
    return this.cameras.find(({ id }) => id === camera)?.name ?? camera;
  }

  static override styles = [controls, statsPanelStyles];
}

function renderLine(line: LineStats) {
  if (line.framesDecoded === 0) return html`<p class="soft">No picture yet.</p>`;
  return renderRows(buildPictureRows(line, { isOfSeveral: true }));
}

function renderRows(rows: readonly StatsRow[]) {
  return html`<dl>${rows.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function renderCurve(label: string, value: string, values: number[], limits: number[] = []) {
  return html`
    <figure>
      <figcaption><span>${label}</span> <b>${value}</b></figcaption>
      ${renderSparkline(values, historyMaxCount, limits)}
    </figure>
  `;
}

defineElement('porthole-stats-panel', StatsPanel);
