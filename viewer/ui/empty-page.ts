import { css, html, LitElement } from 'lit';
import './add-device.ts';
import { defineElement } from './define-element.ts';
import { portholeMark } from './porthole-mark.ts';
import { controls } from './styles/controls.ts';

/**
 * What the page shows to a browser that knows no device yet.
 *
 * @fires add with the text of a link
 */
export class EmptyPage extends LitElement {
  static override properties = { problem: {} };

  declare problem: string;

  constructor() {
    super();
    this.problem = '';
  }

  override render() {
    return html`
      <main>
        ${portholeMark}
        <h2>No device yet</h2>
        <p class="soft">
          Open the link or scan the code that a device prints with <code>porthole up</code> or <code>porthole invite</code>,
          and its picture appears here. What the link holds stays in this browser; no server gets to see it.
        </p>
        <porthole-add-device
          .problem=${this.problem}
          @add=${(event: CustomEvent<string>) => this.dispatchEvent(new CustomEvent('add', { detail: event.detail }))}
        ></porthole-add-device>
      </main>
    `;
  }

  static override styles = [
    controls,
    css`
      :host {
        flex: 1;
        display: grid;
        place-items: center;
        padding: 1.5em 1em;
      }
      main {
        width: min(34em, 100%);
        text-align: center;
      }
      .mark {
        width: clamp(7em, 24vmin, 12em);
      }
      .sweep {
        display: none;
      }
      h2 {
        margin: 1em 0 0.3em;
        font-size: 1.5em;
        font-weight: 600;
      }
      p {
        margin: 0 0 1.8em;
        text-wrap: balance;
      }
      code {
        font: 0.92em var(--ph-mono);
        color: var(--ph-text);
        white-space: nowrap;
      }
      porthole-add-device {
        text-align: start;
      }
    `,
  ];
}

defineElement('porthole-empty-page', EmptyPage);
