import { css, html, LitElement } from 'lit';
import { limits } from '../../protocol/limits.ts';
import { defineElement } from './define-element.ts';
import type { SavedDevice } from './device-list.ts';
import { glyphs } from './glyphs.ts';
import { controls } from './styles/controls.ts';

/**
 * One device of the list: a button that switches to it, and its renaming and forgetting, each asked for a second time.
 *
 * @fires choose
 * @fires rename with the new name
 * @fires forget
 */
export class DeviceRow extends LitElement {
  static override properties = {
    device: { attribute: false },
    isSelected: { attribute: false },
    mode: { state: true },
  };

  declare device: SavedDevice;
  declare isSelected: boolean;
  declare private mode: 'plain' | 'rename' | 'forget';

  constructor() {
    super();
    this.isSelected = false;
    this.mode = 'plain';
  }

  override render() {
    if (this.mode === 'rename') return this.renderRename();
    return this.mode === 'forget' ? this.renderForget() : this.renderPlain();
  }

  private renderPlain() {
    const { name, brokerUrl } = this.device;
    return html`
      <div class="row">
        <button class="plain choose" aria-current=${this.isSelected ? 'true' : 'false'} @click=${() => this.fire('choose')}>
          <span class="name">${name}</span><span class="soft broker">${hostOf(brokerUrl)}</span>
        </button>
        <button class="plain icon" aria-label="Rename ${name}" title="Rename" @click=${() => this.enter('rename')}>${glyphs.rename}</button>
        <button class="plain icon" aria-label="Forget ${name}" title="Forget" @click=${() => this.enter('forget')}>${glyphs.forget}</button>
      </div>
    `;
  }

  private renderRename() {
    return html`
      <form class="row" @submit=${this.handleRename} @keydown=${this.handleKey}>
        <input aria-label="Name" maxlength=${limits.nameMaxLength} .value=${this.device.name} />
        <button class="primary">Save</button>
        <button type="button" class="plain icon" aria-label="Cancel" @click=${() => this.enter('plain')}>${glyphs.close}</button>
      </form>
    `;
  }

  private renderForget() {
    return html`
      <div class="row" @keydown=${this.handleKey}>
        <span class="question">Forget ${this.device.name}? Coming back may need a new link.</span>
        <button @click=${() => this.fire('forget')}>Forget</button>
        <button class="plain" @click=${() => this.enter('plain')}>Keep</button>
      </div>
    `;
  }

  private async enter(mode: 'plain' | 'rename' | 'forget'): Promise<void> {
    this.mode = mode;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('input, button')?.focus();
  }

  private handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    // The dialog around it stays open.
    event.preventDefault();
    event.stopPropagation();
    void this.enter('plain');
  }

  private handleRename(event: Event): void {
    event.preventDefault();
    this.fire('rename', this.renderRoot.querySelector('input')?.value ?? '');
    void this.enter('plain');
  }

  private fire(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      .row {
        display: flex;
        align-items: center;
        gap: 0.25em;
        min-height: 3.2em;
      }
      .choose {
        flex: 1;
        display: grid;
        justify-content: start;
        justify-items: start;
        gap: 0;
        min-width: 0;
        text-align: start;
      }
      .choose[aria-current='true'] {
        border-color: var(--ph-accent);
        background: var(--ph-raised);
      }
      .name,
      .broker {
        max-width: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name {
        font-weight: 500;
      }
      .broker {
        font-size: 0.88em;
      }
      .question {
        flex: 1;
      }
      input {
        flex: 1;
        min-width: 0;
      }
    `,
  ];
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

defineElement('porthole-device-row', DeviceRow);
