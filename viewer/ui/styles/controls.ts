import { css } from 'lit';

/** Buttons, fields and the few helpers that every element here uses. */
export const controls = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-height: 2.5em;
    padding: 0.35em 0.9em;
    border: 1px solid var(--ph-line);
    border-radius: var(--ph-radius);
    background: var(--ph-raised);
    cursor: pointer;
    transition: border-color 120ms, background-color 120ms;
  }
  button:hover:not(:disabled) {
    border-color: var(--ph-soft);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  button.primary {
    border-color: transparent;
    background: var(--ph-accent);
    color: var(--ph-on-accent);
    font-weight: 600;
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.plain:hover:not(:disabled) {
    background: var(--ph-raised);
  }
  button.icon {
    width: 2.75em;
    min-height: 2.75em;
    padding: 0;
  }
  button[aria-pressed='true'] {
    background: var(--ph-raised);
    border-color: var(--ph-accent);
    color: var(--ph-accent);
  }
  input:not([type='checkbox']),
  select,
  textarea {
    width: 100%;
    min-height: 2.5em;
    padding: 0.35em 0.7em;
    border: 1px solid var(--ph-line);
    border-radius: var(--ph-radius);
    background: var(--ph-ground);
  }
  textarea {
    resize: vertical;
    font-family: var(--ph-mono);
    font-size: 0.92em;
  }
  input[type='checkbox'] {
    width: 1.2em;
    height: 1.2em;
    accent-color: var(--ph-accent);
  }
  input[aria-invalid='true'],
  select[aria-invalid='true'],
  textarea[aria-invalid='true'] {
    border-color: var(--ph-fail);
  }
  :focus-visible {
    outline: 2px solid var(--ph-accent);
    outline-offset: 2px;
  }
  svg.glyph {
    width: 1.3em;
    height: 1.3em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .soft {
    color: var(--ph-soft);
  }
  .fail {
    color: var(--ph-fail);
  }
  .for-screen-readers {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (pointer: coarse) {
    button,
    select,
    input:not([type='checkbox']) {
      min-height: 44px;
    }
    button.icon {
      width: 44px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
