import { css, html, LitElement, nothing } from 'lit';
import { defineElement } from './define-element.ts';
import { readPageLink } from './page-link.ts';
import { controls } from './styles/controls.ts';

/**
 * The field into which a person pastes a link.
 *
 * @fires add with the text, once it holds a whole link
 */
export class AddDevice extends LitElement {
  static override properties = { problem: {}, text: { state: true } };

  /** What is wrong with the link, from here or from the address of the page. */
  declare problem: string;
  declare private text: string;

  constructor() {
    super();
    this.problem = '';
    this.text = '';
  }

  override render() {
    return html`
      <form @submit=${this.handleSubmit}>
        <label for="link">Link to a device</label>
        <div class="row">
          <input id="link" type="text" inputmode="url" autocomplete="off" spellcheck="false"
            placeholder="Paste the link that the device printed" .value=${this.text}
            aria-invalid=${this.problem ? 'true' : 'false'} aria-describedby="problem" @input=${this.handleInput} />
          <button class="primary">Add</button>
        </div>
        ${this.problem ? html`<p class="fail" id="problem" role="alert">${this.problem}</p>` : nothing}
      </form>
    `;
  }

  private handleInput(event: Event): void {
    this.text = (event.target as HTMLInputElement).value;
    this.problem = '';
  }

  private handleSubmit(event: Event): void {
    event.preventDefault();
    const link = readPageLink(this.text);
    if (link.kind === 'device') {
      this.dispatchEvent(new CustomEvent('add', { detail: this.text.trim() }));
      this.text = '';
      return;
    }
    this.problem = link.kind === 'broken' ? link.problem : 'Paste a link first.';
    this.renderRoot.querySelector('input')?.focus();
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      label {
        display: block;
        margin-bottom: 0.35em;
        font-weight: 500;
      }
      .row {
        display: flex;
        gap: 0.5em;
      }
      input {
        flex: 1;
        min-width: 0;
      }
      p {
        margin: 0.5em 0 0;
      }
    `,
  ];
}

defineElement('porthole-add-device', AddDevice);
