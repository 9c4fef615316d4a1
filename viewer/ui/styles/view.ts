import { css } from 'lit';

/** Picture, bar and panel: below each other where it is narrow, the panel at the side where there is room. */
export const viewStyles = css`
  :host {
    container-type: inline-size;
    position: relative;
    display: grid;
    min-height: 16em;
    background: var(--ph-ground);
  }
  :host([hidden]) {
    display: none;
  }
  .frame {
    display: grid;
    grid-template: 1fr auto auto / minmax(0, 1fr);
    min-width: 0;
  }

  .stage {
    position: relative;
    min-height: 60cqi;
    overflow: hidden;
    background: radial-gradient(120% 90% at 50% 40%, #0c171c, var(--ph-stage) 75%);
  }
  video,
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    transition: filter 400ms;
  }
  /* The picture opens like a porthole, once. */
  .stage[data-shown] video {
    animation: open 700ms cubic-bezier(0.2, 0.7, 0.2, 1);
  }
  @keyframes open {
    from {
      clip-path: circle(5.5em at 50% 45%);
    }
    to {
      clip-path: circle(75% at 50% 45%);
    }
  }
  .stage[data-dimmed] :is(video, canvas) {
    filter: brightness(0.42) saturate(0.5);
  }

  .bar {
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
  .summary span + span::before {
    content: '·';
    margin-inline: 0.5em;
  }
  .notice {
    flex-basis: 100%;
    margin: 0.2em 0;
  }
  .notice:empty {
    position: absolute;
  }
  select.cameras {
    width: auto;
    max-width: 12em;
  }

  .panel {
    max-height: none;
    padding: 0.9em 1em 1.2em;
    border-top: 1px solid var(--ph-line);
    background: var(--ph-panel);
  }
  h2 {
    margin: 0 0 0.7em;
    font-size: 1em;
    font-weight: 600;
  }

  @container (min-width: 54em) {
    .frame {
      grid-template-rows: minmax(0, 1fr) auto;
      min-height: 0;
      overflow: hidden;
    }
    .stage {
      min-height: 0;
    }
    .panel {
      grid-area: 1 / 2 / 3 / 3;
      width: 24em;
      overflow: auto;
      border-top: 0;
      border-inline-start: 1px solid var(--ph-line);
    }
  }
  @container (max-width: 34em) {
    .summary :is(.size, .rtt) {
      display: none;
    }
    .size + .rate::before {
      content: none;
    }
    .summary:has(+ .cameras) {
      display: none;
    }
    select.cameras {
      flex: 1 1 4em;
      min-width: 0;
      max-width: none;
      margin-inline-start: 0.8em;
    }
  }

  :host(:fullscreen) :is(.frame, .stage) {
    background: #000;
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
