import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { type CommandDescription, RpcError } from '../../protocol/rpc.ts';
import './command-result.ts';
import { defineElement } from './define-element.ts';
import { renderField } from './form-field.ts';
import { readForm } from './form-values.ts';
import { buildFields, type FormField } from './schema-form.ts';
import { controls } from './styles/controls.ts';

export type CallCommand = (method: string, params: Record<string, unknown>) => Promise<unknown>;

type Outcome =
  | { kind: 'none' }
  | { kind: 'running' }
  | { kind: 'done'; value: unknown; tookMs: number }
  | { kind: 'failed'; code: string; message: string };

/** One command: its form, the button that runs it, and what came of it. */
export class CommandForm extends LitElement {
  static override properties = {
    command: { attribute: false },
    call: { attribute: false },
    texts: { state: true },
    problems: { state: true },
    outcome: { state: true },
  };

  declare command: CommandDescription;
  declare call: CallCommand;
  declare private texts: ReadonlyMap<string, string>;
  declare private problems: ReadonlyMap<string, string>;
  declare private outcome: Outcome;
  private fields: FormField[] = [];

  constructor() {
    super();
    this.texts = new Map();
    this.problems = new Map();
    this.outcome = { kind: 'none' };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('command')) this.fields = buildFields(this.command.params);
  }

  override render() {
    return html`
      <form @submit=${this.handleSubmit} novalidate>
        ${this.fields.map((field) =>
          renderField({
            field,
            text: this.texts.get(field.name) ?? field.initial,
            problem: this.problems.get(field.name),
            onInput: (text) => {
              this.texts = new Map(this.texts).set(field.name, text);
            },
          }),
        )}
        <button class="primary" ?disabled=${this.outcome.kind === 'running'}>
          ${this.outcome.kind === 'running' ? 'Running…' : 'Run'}
        </button>
      </form>
      <div role="status" aria-live="polite">${this.renderOutcome()}</div>
    `;
  }

  private renderOutcome() {
    const { outcome } = this;
    if (outcome.kind === 'failed') {
      return html`<p class="problem"><code class="fail">${outcome.code}</code> ${outcome.message}</p>`;
    }
    if (outcome.kind !== 'done') return nothing;
    return html`
      <p class="soft took">Answered in ${Math.round(outcome.tookMs)} ms</p>
      <porthole-command-result .value=${outcome.value}></porthole-command-result>
    `;
  }

  private async handleSubmit(event: Event): Promise<void> {
    event.preventDefault();
    const params = readForm(this.fields, this.texts);
    this.problems = params.ok ? new Map() : params.error;
    if (!params.ok) {
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    this.outcome = { kind: 'running' };
    const startedAtMs = performance.now();
    try {
      const value = await this.call(this.command.name, params.value);
      this.outcome = { kind: 'done', value, tookMs: performance.now() - startedAtMs };
    } catch (error) {
      const code = error instanceof RpcError ? error.code : 'internal-error';
      this.outcome = { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
    }
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      form {
        display: grid;
        gap: 0.9em;
        justify-items: start;
      }
      .field {
        display: grid;
        gap: 0.25em;
        width: 100%;
      }
      label {
        font-weight: 500;
      }
      label span {
        font-weight: 400;
      }
      p {
        margin: 0.8em 0 0.4em;
      }
      .problem {
        overflow-wrap: anywhere;
      }
      code {
        font: 0.92em var(--ph-mono);
        margin-inline-end: 0.5em;
      }
      .took {
        font-size: 0.9em;
      }
    `,
  ];
}

defineElement('porthole-command-form', CommandForm);
