import { css } from 'lit';

/** In place of the picture: the mark, a sentence and the way. Over it (`compact`): one line at its lower edge. */
export const stateLineStyles = css`
  :host {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    padding: 1em;
    pointer-events: none;
  }
  .card {
    display: grid;
    justify-items: center;
    gap: 1.4em;
    max-width: 34em;
    text-align: center;
    text-wrap: balance;
  }
  .card > button {
    pointer-events: auto;
  }
  p {
    margin: 0;
    font-size: 1.2em;
  }
  :host([quiet]) .card {
    opacity: 0;
  }

  .mark {
    width: clamp(6em, 22vmin, 11em);
    overflow: visible;
  }
  .sweep {
    stroke: #dff6ef;
    stroke-width: 1.1;
    stroke-linecap: round;
    stroke-dasharray: 14 86;
    opacity: 0;
    transform-origin: 24px 24px;
  }
  :host([state='connecting']) .sweep,
  :host([state='reconnecting']) .sweep {
    opacity: 0.9;
    animation: turn 1.6s linear infinite;
  }
  :host([state='waiting']) .sweep {
    opacity: 0.6;
    animation: turn 6s linear infinite;
  }
  :host([state='waiting']) .mark {
    filter: saturate(0.55) brightness(0.85);
  }
  :host([state='failed']) .mark {
    filter: grayscale(0.85);
    opacity: 0.75;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }

  ol {
    display: flex;
    justify-content: center;
    margin: 1.1em 0 0;
    padding: 0;
    list-style: none;
    color: var(--ph-soft);
    font-size: 0.9em;
  }
  li {
    position: relative;
    width: 6.5em;
    padding-top: 1.3em;
  }
  li::before {
    content: '';
    position: absolute;
    z-index: 1;
    top: 0.15em;
    left: calc(50% - 6px);
    width: 12px;
    height: 12px;
    border: 2px solid var(--ph-line);
    border-radius: 50%;
    background: var(--ph-stage);
  }
  li + li::after {
    content: '';
    position: absolute;
    top: calc(0.15em + 5px);
    right: calc(50% + 10px);
    left: calc(-50% + 10px);
    border-top: 2px solid var(--ph-line);
  }
  li[data-mark='done']::before {
    border-color: var(--ph-live);
    background: var(--ph-live);
  }
  li[data-mark='done'] + li::after {
    border-color: var(--ph-live);
    opacity: 0.6;
  }
  li[data-mark='now'] {
    color: var(--ph-text);
  }
  li[data-mark='now']::before {
    border-color: var(--ph-accent);
    animation: breathe 1.6s ease-in-out infinite;
  }
  li[data-mark='failed'] {
    color: var(--ph-fail);
  }
  li[data-mark='failed']::before {
    border-color: var(--ph-fail);
    background: var(--ph-fail);
  }
  @keyframes breathe {
    50% {
      background: var(--ph-accent);
    }
  }

  :host([compact]) {
    place-items: end center;
  }
  :host([compact]) .card {
    grid-auto-flow: column;
    align-items: center;
    gap: 0.8em;
    padding: 0.6em 1em;
    border: 1px solid var(--ph-line);
    border-radius: 2em;
    background: rgb(11 18 21 / 88%);
    text-align: start;
  }
  /* What passes in a moment, as a switch of cameras mostly does, is not worth a word. */
  :host([compact][state='connected']:not([quiet])) .card {
    animation: appear 150ms 250ms backwards;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  :host([compact]) p {
    font-size: 1em;
  }
  :host([compact]) .mark {
    width: 1.8em;
    flex: none;
  }
`;
