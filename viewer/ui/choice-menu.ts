import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { defineElement } from './define-element.ts';
import { glyphs } from './glyphs.ts';
import { choiceMenuStyles } from './styles/choice-menu.ts';
import { controls } from './styles/controls.ts';

export interface Choice {
  value: string;
  label: string;
  /** In small letters beside the label. */
  detail?: string;
}

/**
 * A button that opens a menu, upwards, of which one entry is chosen.
 *
 * @fires choose with the value, also when it was chosen already
 */
export class ChoiceMenu extends LitElement {
  static override properties = {
    name: {},
    label: {},
    shortcut: {},
    heading: {},
    choices: { attribute: false },
    value: {},
    isOpen: { state: true },
  };

  /** What is chosen here, such as "Camera". */
  declare name: string;
  /** What the button says: how things stand. */
  declare label: string;
  /** The letter that opens the menu; empty for none. The page listens for it. */
  declare shortcut: string;
  /** A sentence above the entries; empty for none. */
  declare heading: string;
  declare choices: readonly Choice[];
  declare value: string;
  declare private isOpen: boolean;

  constructor() {
    super();
    this.name = '';
    this.label = '';
    this.shortcut = '';
    this.heading = '';
    this.choices = [];
    this.value = '';
    this.isOpen = false;
  }

  toggle(): void {
    this.isOpen = !this.isOpen;
    if (!this.isOpen) this.button?.focus();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('isOpen') || !this.isOpen) return;
    const checked = this.items.find((item) => item.ariaChecked === 'true');
    (checked ?? this.items[0])?.focus();
  }

  override render() {
    const { name, shortcut } = this;
    return html`
      <button class="plain open" aria-haspopup="menu" aria-expanded=${this.isOpen} title=${shortcut ? `${name} (${shortcut})` : name}
        aria-keyshortcuts=${shortcut || nothing} @pointerdown=${keepFocus} @click=${this.toggle}>
        <span class="for-screen-readers">${name}: </span><span class="label">${this.label}</span>${glyphs.down}
      </button>
      ${this.isOpen ? this.renderSheet() : nothing}
    `;
  }

  private renderSheet() {
    return html`
      <div class="sheet" @keydown=${this.handleKey} @focusout=${this.handleFocusOut}>
        ${this.heading ? html`<p id="heading">${this.heading}</p>` : nothing}
        <div role="menu" aria-label=${this.name} aria-describedby="heading">
          ${this.choices.map(
            ({ value, label, detail }) => html`
              <button class="plain" role="menuitemradio" tabindex="-1" aria-checked=${value === this.value}
                @click=${() => this.choose(value)}>
                ${glyphs.check}<span>${label}${detail ? html`<small class="soft">${detail}</small>` : nothing}</span>
              </button>
            `,
          )}
        </div>
      </div>
    `;
  }

  private choose(value: string): void {
    this.toggle();
    this.dispatchEvent(new CustomEvent('choose', { detail: value }));
  }

  /** As in the menus of the system (WAI-ARIA authoring practices, menu button). */
  private handleKey(event: KeyboardEvent): void {
    const { items } = this;
    const at = items.findIndex((item) => item.matches(':focus'));
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const target = targets[event.key];
    if (target !== undefined) items.at(target % items.length)?.focus();
    else if (event.key === 'Escape') this.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private handleFocusOut({ relatedTarget }: FocusEvent): void {
    if (!(relatedTarget instanceof Node && this.renderRoot.contains(relatedTarget))) this.isOpen = false;
  }

  private get button(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.open');
  }

  private get items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitemradio]')];
  }

  static override styles = [controls, choiceMenuStyles];
}

/** A press on the button of an open menu would move the focus, close the menu, and open it again with the click. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

defineElement('porthole-choice-menu', ChoiceMenu);
