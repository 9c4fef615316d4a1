import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import './add-device.ts';
import { defineElement } from './define-element.ts';
import type { SavedDevice } from './device-list.ts';
import './device-row.ts';
import { glyphs } from './glyphs.ts';
import { controls } from './styles/controls.ts';

/** What a person does with a device of the list. */
export type DeviceChange =
  | { kind: 'choose' | 'forget'; publicKey: string }
  | { kind: 'rename'; publicKey: string; name: string }
  | { kind: 'add'; link: string };

/**
 * The dialog with the devices that this browser knows.
 *
 * @fires device with a {@link DeviceChange}
 */
export class DevicePanel extends LitElement {
  static override properties = { devices: { attribute: false }, selected: { attribute: false } };

  declare devices: readonly SavedDevice[];
  declare selected: string | null;

  constructor() {
    super();
    this.devices = [];
    this.selected = null;
  }

  open(): void {
    this.dialog?.showModal();
  }

  close(): void {
    this.dialog?.close();
  }

  override render() {
    return html`
      <dialog aria-labelledby="title" @click=${this.handleClick}>
        <div class="sheet">
          <header>
            <h2 id="title">Devices</h2>
            <button class="plain icon" aria-label="Close" @click=${this.close}>${glyphs.close}</button>
          </header>
          <ul>
            ${repeat(
              this.devices,
              (device) => device.publicKey,
              (device) => this.renderDevice(device),
            )}
          </ul>
          <porthole-add-device
            @add=${(event: CustomEvent<string>) => this.fire({ kind: 'add', link: event.detail })}
          ></porthole-add-device>
        </div>
      </dialog>
    `;
  }

  private renderDevice(device: SavedDevice) {
    const { publicKey } = device;
    return html`<li>
      <porthole-device-row
        .device=${device}
        .isSelected=${publicKey === this.selected}
        @choose=${() => this.fire({ kind: 'choose', publicKey })}
        @rename=${(event: CustomEvent<string>) => this.fire({ kind: 'rename', publicKey, name: event.detail })}
        @forget=${() => this.fire({ kind: 'forget', publicKey })}
      ></porthole-device-row>
    </li>`;
  }

  /** A click beside the sheet is one on the dialog itself. */
  private handleClick(event: Event): void {
    if (event.target === event.currentTarget) this.close();
  }

  private fire(change: DeviceChange): void {
    if (change.kind === 'choose' || change.kind === 'add') this.close();
    this.dispatchEvent(new CustomEvent('device', { detail: change }));
  }

  private get dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  static override styles = [
    controls,
    css`
      dialog {
        width: min(30em, 100vw - 1.5em);
        max-height: min(44em, 100dvh - 5em);
        margin: 4.2em auto auto 1em;
        padding: 0;
        overflow: auto;
        border: 1px solid var(--ph-line);
        border-radius: calc(1.4 * var(--ph-radius));
        background: var(--ph-panel);
        color: inherit;
        box-shadow: 0 1em 3em rgb(0 0 0 / 35%);
      }
      dialog::backdrop {
        background: rgb(3 8 10 / 55%);
      }
      .sheet {
        padding: 0.8em 1em 1.2em;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      h2 {
        margin: 0;
        font-size: 1.1em;
      }
      ul {
        margin: 0.4em 0 1.1em;
        padding: 0;
        list-style: none;
      }
      @media (max-width: 40em) {
        dialog {
          margin: 4.2em auto auto;
        }
      }
    `,
  ];
}

defineElement('porthole-device-panel', DevicePanel);
