import { css } from 'lit';

/** The bar: one row where there is room; where it is narrow, what it tells and the menus above the buttons. */
export const barStyles = css`
  .bar {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25em;
    min-height: 3.4em;
    padding: 0.3em 0.6em 0.3em 1em;
    padding-bottom: max(0.3em, env(safe-area-inset-bottom));
    border-top: 1px solid var(--ph-line);
    background: var(--ph-panel);
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.55em;
    font-weight: 600;
  }
  .state::before {
    content: '';
    width: 0.6em;
    height: 0.6em;
    border-radius: 50%;
    background: var(--ph-soft);
  }
  .state:is([data-state='live'], [data-state='connected'])::before {
    background: var(--ph-live);
  }
  .state:is([data-state='connecting'], [data-state='waiting'], [data-state='reconnecting'])::before {
    background: var(--ph-accent);
  }
  .state[data-state='failed']::before {
    background: var(--ph-fail);
  }
  .summary {
    flex: 1;
    min-width: 0;
    margin-inline: 1em 0.5em;
    overflow: hidden;
    font-size: 0.92em;
    font-variant-numeric: tabular-nums;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .summary .latency {
    color: var(--ph-text);
  }
  .summary span + span::before {
    content: '·';
    margin-inline: 0.5em;
    color: var(--ph-soft);
  }
  .notice {
    flex-basis: 100%;
    margin: 0.2em 0;
  }
  .notice:empty {
    position: absolute;
  }
  .menus,
  .buttons,
  .sound {
    display: flex;
    align-items: center;
    min-width: 0;
  }
  .menus {
    gap: 0.25em;
    margin-inline-end: 0.25em;
  }
  .cameras {
    max-width: 12em;
  }
  .buttons {
    gap: 0.25em;
  }
  .sound input {
    width: 5em;
    min-height: 0;
    margin-inline: 0.2em 0.6em;
    padding: 0;
    border: 0;
    background: none;
    accent-color: var(--ph-accent);
  }

  .talk {
    touch-action: none;
    user-select: none;
    -webkit-touch-callout: none;
  }
  button.icon.talk:has(span) {
    width: auto;
    min-width: 0;
    padding-inline: 0.75em 0.9em;
  }
  .talk span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .talk[data-talk='asking'] {
    border-color: var(--ph-accent);
    background: none;
    color: var(--ph-accent);
  }
  .talk[data-talk='asking'] .glyph {
    animation: wait 1.2s ease-in-out infinite;
  }
  @keyframes wait {
    50% {
      opacity: 0.3;
    }
  }
  .talk[data-talk='talking'],
  .talk[data-talk='talking']:hover:not(:disabled) {
    border-color: transparent;
    background: var(--ph-accent);
    color: var(--ph-on-accent);
    font-weight: 600;
  }
  .talk[data-talk='taken'] {
    color: var(--ph-soft);
  }
  .talk[data-talk='taken'] span {
    max-width: 11em;
    font-size: 0.88em;
    line-height: 1.2;
    text-align: start;
    white-space: normal;
  }
  .talk[data-talk='denied'] {
    color: var(--ph-fail);
  }

  @container (max-width: 34em) {
    .bar {
      --ph-menu-end: 0.6em;
      padding-inline: 0.8em 0.6em;
    }
    /* As high as the menus, which are there only while connected. */
    .state {
      min-height: max(2.5em, 44px);
    }
    .summary {
      flex: 1 0 auto;
      margin-inline: 0.7em 0;
    }
    .summary :is(.size, .bitrate) {
      display: none;
    }
    .summary:has(.latency) .rate {
      display: none;
    }
    .menus {
      flex: 0 1 auto;
      margin-inline: auto 0;
    }
    /* The menus open as wide as the bar, not as their buttons. */
    porthole-choice-menu {
      position: static;
    }
    .buttons {
      flex-basis: 100%;
      justify-content: space-between;
    }
    /* Hand-held devices have keys for it. */
    .sound input {
      display: none;
    }
  }

  :host(:fullscreen) .bar {
    position: absolute;
    inset: auto 0 0;
    opacity: 0;
    transition: opacity 200ms;
  }
  :host(:fullscreen) .bar:is(:hover, :focus-within) {
    opacity: 1;
  }
  @media (hover: none) {
    :host(:fullscreen) .bar {
      opacity: 0.85;
    }
  }
`;
