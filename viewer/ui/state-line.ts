import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { ViewerState } from '../client/viewer-status.ts';
import type { StepMark } from './connection-steps.ts';
import { defineElement } from './define-element.ts';
import { portholeMark } from './porthole-mark.ts';
import { controls } from './styles/controls.ts';
import { stateLineStyles } from './styles/state-line.ts';

/**
 * Says over the picture, or in its place, what is happening or wrong, and offers what a person can do about it. It is the live
 * region of the whole element: what stands here is read out when it changes.
 *
 * @fires act when its button is pressed
 */
export class StateLine extends LitElement {
  static override properties = {
    state: { reflect: true },
    message: {},
    steps: { attribute: false },
    action: {},
    compact: { type: Boolean, reflect: true },
  };

  declare state: ViewerState;
  declare message: string;
  declare steps: StepMark[] | null;
  /** Words of the button; empty for none. */
  declare action: string;
  /** A picture is on show: the line keeps to the lower edge. */
  declare compact: boolean;

  constructor() {
    super();
    this.state = 'idle';
    this.message = '';
    this.steps = null;
    this.action = '';
    this.compact = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('message')) this.toggleAttribute('quiet', this.message === '');
  }

  override render() {
    return html`
      <div class="card">
        ${portholeMark}
        <div class="words">
          <p role="status" aria-live="polite">${this.message}</p>
          ${this.steps && !this.compact ? html`<ol aria-hidden="true">${this.steps.map(renderStep)}</ol>` : nothing}
        </div>
        ${
          this.action
            ? html`<button class="primary" @click=${() => this.dispatchEvent(new Event('act'))}>${this.action}</button>`
            : nothing
        }
      </div>
    `;
  }

  static override styles = [controls, stateLineStyles];
}

function renderStep(step: StepMark) {
  return html`<li data-mark=${step.mark}>${step.label}</li>`;
}

defineElement('porthole-state-line', StateLine);
