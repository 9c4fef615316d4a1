import { html, nothing, type TemplateResult } from 'lit';
import type { FormField, Scalar } from './schema-form.ts';

/** One labelled field of a form, with its description and what is wrong with it. */
export function renderField(options: {
  field: FormField;
  text: string;
  problem: string | undefined;
  onInput(text: string): void;
}): TemplateResult {
  const { field, problem } = options;
  const id = `field-${field.name}`;
  return html`
    <div class="field">
      <label for=${id}>${field.label}${field.isRequired ? nothing : html` <span class="soft">optional</span>`}</label>
      ${renderControl(options, id)}
      ${field.description ? html`<small class="soft" id="${id}-hint">${field.description}</small>` : nothing}
      ${problem ? html`<small class="fail" id="${id}-problem">${problem}</small>` : nothing}
    </div>
  `;
}

function renderControl({ field, text, problem, onInput }: Parameters<typeof renderField>[0], id: string) {
  const isInvalid = problem ? 'true' : 'false';
  const describedBy = problem ? `${id}-problem` : `${id}-hint`;
  const handle = (event: Event) => onInput((event.target as HTMLInputElement).value);
  const { type } = field;
  if (type.kind === 'boolean' || type.kind === 'choice') {
    const choices: readonly Scalar[] = type.kind === 'boolean' ? [true, false] : type.choices;
    return html`<select id=${id} aria-invalid=${isInvalid} aria-describedby=${describedBy} @change=${handle}>
      <option value="" ?selected=${text === ''}>${field.isRequired ? 'Choose…' : 'Not set'}</option>
      ${choices.map((value) => html`<option value=${String(value)} ?selected=${String(value) === text}>${choiceLabel(value)}</option>`)}
    </select>`;
  }
  if (type.kind === 'json') {
    return html`<textarea id=${id} rows="3" spellcheck="false" placeholder="JSON" .value=${text}
      aria-invalid=${isInvalid} aria-describedby=${describedBy} @input=${handle}></textarea>`;
  }
  return html`<input id=${id} type="text" autocomplete="off" spellcheck="false" .value=${text}
    inputmode=${type.kind === 'number' ? (type.isInteger && (type.min ?? -1) >= 0 ? 'numeric' : 'decimal') : 'text'}
    placeholder=${type.kind === 'number' ? rangeText(type) : ''}
    aria-invalid=${isInvalid} aria-describedby=${describedBy} @input=${handle} />`;
}

function choiceLabel(value: Scalar): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null ? 'none' : String(value);
}

function rangeText({ min, max }: { min?: number; max?: number }): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? '' : `${max} or less`;
}
