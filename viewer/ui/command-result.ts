import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { bulkReferenceSchema } from '../../protocol/rpc.ts';
import { defineElement } from './define-element.ts';
import { controls } from './styles/controls.ts';

/** Formats that every browser shows as a picture and that cannot carry a program. */
const pictureTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** What a command answered: JSON, and the binary data that may have come beside it as a picture or for download. */
export class CommandResult extends LitElement {
  static override properties = { value: { attribute: false } };

  declare value: unknown;
  private blobUrl: string | null = null;
  private mediaType = '';

  constructor() {
    super();
    this.value = undefined;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.releaseBlob();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('value')) return;
    this.releaseBlob();
    const binary = readBinary(this.value);
    if (!binary) return;
    this.mediaType = binary.mediaType;
    this.blobUrl = URL.createObjectURL(new Blob([binary.data as Uint8Array<ArrayBuffer>], { type: binary.mediaType }));
  }

  override render() {
    return html`${this.renderBinary()}<pre tabindex="0">${formatResult(this.value)}</pre>`;
  }

  private renderBinary() {
    if (!this.blobUrl) return nothing;
    if (pictureTypes.has(this.mediaType)) return html`<img src=${this.blobUrl} alt="Picture that the device sent" />`;
    return html`<p><a href=${this.blobUrl} download>Download (${this.mediaType})</a></p>`;
  }

  private releaseBlob(): void {
    if (this.blobUrl) URL.revokeObjectURL(this.blobUrl);
    this.blobUrl = null;
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      img {
        display: block;
        width: 100%;
        margin-bottom: 0.6em;
        border-radius: var(--ph-radius);
      }
      pre {
        max-height: 22em;
        margin: 0;
        padding: 0.7em 0.8em;
        overflow: auto;
        border: 1px solid var(--ph-line);
        border-radius: var(--ph-radius);
        background: var(--ph-ground);
        font: 0.88em / 1.5 var(--ph-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      a {
        color: var(--ph-accent);
      }
    `,
  ];
}

/** The result as indented JSON; binary data is told by its size alone. */
export function formatResult(value: unknown): string {
  const replace = (_key: string, part: unknown) => (part instanceof Uint8Array ? `${part.length} bytes` : part);
  return JSON.stringify(value, replace, 2) ?? 'null';
}

function readBinary(value: unknown): { data: Uint8Array; mediaType: string } | null {
  if (typeof value !== 'object' || value === null || !('bulk' in value) || !('data' in value)) return null;
  const bulk = bulkReferenceSchema.safeParse(value.bulk);
  return bulk.success && value.data instanceof Uint8Array ? { data: value.data, mediaType: bulk.data.mediaType } : null;
}

defineElement('porthole-command-result', CommandResult);
