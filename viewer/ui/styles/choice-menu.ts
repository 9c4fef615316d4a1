import { css } from 'lit';

/** `--ph-menu-end` is the distance of the menu from the inline end of what it is placed in. */
export const choiceMenuStyles = css`
  :host {
    position: relative;
    display: inline-block;
    min-width: 0;
  }
  .open {
    gap: 0.3em;
    max-width: 100%;
    padding-inline: 0.7em 0.5em;
  }
  .open .label {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .open .glyph {
    width: 1.05em;
    height: 1.05em;
    color: var(--ph-soft);
    transform: rotate(180deg);
  }
  :host([warn]) .open {
    color: var(--ph-accent);
  }
  .sheet {
    position: absolute;
    z-index: 5;
    inset-inline-end: var(--ph-menu-end, 0);
    bottom: calc(100% + 0.5em);
    width: max-content;
    min-width: 14em;
    max-width: min(22em, 100vw - 1.6em);
    max-height: min(26em, 70vh);
    padding: 0.4em;
    overflow: auto;
    border: 1px solid var(--ph-line);
    border-radius: calc(1.4 * var(--ph-radius));
    background: var(--ph-panel);
    box-shadow: 0 0.8em 2.4em rgb(0 0 0 / 40%);
  }
  p {
    margin: 0 0 0.4em;
    padding: 0.5em 0.7em 0.7em;
    border-bottom: 1px solid var(--ph-line);
    font-size: 0.95em;
    font-variant-numeric: tabular-nums;
  }
  [role='menu'] {
    display: grid;
  }
  [role='menuitemradio'] {
    justify-content: start;
    gap: 0.6em;
    padding: 0.45em 0.7em;
    text-align: start;
  }
  [role='menuitemradio']:focus-visible {
    outline-offset: -2px;
  }
  [role='menuitemradio'] .glyph {
    color: var(--ph-accent);
  }
  [role='menuitemradio'][aria-checked='false'] .glyph {
    visibility: hidden;
  }
  [role='menuitemradio'] > span {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  small {
    display: block;
    font-size: 0.85em;
  }
`;
