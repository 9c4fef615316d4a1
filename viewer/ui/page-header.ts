import { css, html, LitElement } from 'lit';
import { defineElement } from './define-element.ts';
import { glyphs } from './glyphs.ts';
import { portholeMark } from './porthole-mark.ts';
import { controls } from './styles/controls.ts';

/**
 * The line on top of the page: the mark, and the device on show as the button to all others.
 *
 * @fires devices when the button is pressed
 */
export class PageHeader extends LitElement {
  static override properties = { deviceName: {} };

  declare deviceName: string;

  constructor() {
    super();
    this.deviceName = '';
  }

  override render() {
    return html`
      <header>
        ${portholeMark}
        <h1>Porthole</h1>
        ${
          this.deviceName
            ? html`<button class="plain" aria-haspopup="dialog" @click=${() => this.dispatchEvent(new Event('devices'))}>
                <span class="for-screen-readers">Device: </span><span class="name">${this.deviceName}</span>${glyphs.down}
              </button>`
            : ''
        }
      </header>
    `;
  }

  static override styles = [
    controls,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 0.7em;
        padding: 0.5em 1em;
        padding-top: max(0.5em, env(safe-area-inset-top));
        border-bottom: 1px solid var(--ph-line);
        background: var(--ph-panel);
      }
      .mark {
        width: 2.1em;
        flex: none;
      }
      .sweep {
        display: none;
      }
      h1 {
        margin: 0;
        font-size: 1.1em;
        font-weight: 650;
        letter-spacing: 0.01em;
      }
      button {
        min-width: 0;
        margin-inline-start: auto;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (min-width: 40em) {
        button {
          margin-inline-start: 0.5em;
        }
      }
    `,
  ];
}

defineElement('porthole-page-header', PageHeader);
