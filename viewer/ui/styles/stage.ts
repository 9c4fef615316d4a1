import { css } from 'lit';

/** The pictures: one that fills the stage, or several with one of them large. */
export const stageStyles = css`
  .stage {
    position: relative;
    min-height: 60cqi;
    overflow: hidden;
    background: radial-gradient(120% 90% at 50% 40%, #0c171c, var(--ph-stage) 75%);
  }
  @container (min-width: 54em) {
    .stage {
      min-height: 0;
    }
  }
  .wall {
    position: absolute;
    inset: 0;
    display: grid;
    gap: 2px;
    grid-auto-rows: minmax(0, 1fr);
  }
  .tile {
    position: relative;
    min-width: 0;
    overflow: hidden;
  }
  .wall:not([data-count='1']) .tile {
    background: var(--ph-stage);
  }
  video,
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    transition:
      filter 400ms,
      opacity 250ms;
  }
  /* The picture opens like a porthole, once. */
  .tile[data-shown] video {
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
  .tile[data-dimmed] :is(video, canvas) {
    filter: brightness(0.42) saturate(0.5);
  }
  /* Another camera's picture, which nobody shall take for the one that is waited for. It moves, and a blur would be costly. */
  .tile[data-awaited] :is(video, canvas) {
    opacity: 0.12;
    filter: none;
  }

  .caption {
    position: absolute;
    inset: auto auto 0.5em 0.5em;
    display: flex;
    gap: 0.6em;
    max-width: calc(100% - 1em);
    margin: 0;
    padding: 0.15em 0.7em;
    overflow: hidden;
    border-radius: 1em;
    background: rgb(11 18 21 / 78%);
    font-size: 0.9em;
    white-space: nowrap;
  }
  .enlarge {
    position: absolute;
    inset: 0;
    width: 100%;
    border: 0;
    border-radius: 0;
    background: none;
  }
  .enlarge:is(:hover, :focus-visible) {
    box-shadow: inset 0 0 0 2px var(--ph-accent);
    outline: none;
  }

  /* Where there is room, the others stand beside the large one. */
  [data-count='2'] {
    grid-template-columns: 1fr 1fr;
  }
  :is([data-count='3'], [data-count='4']) {
    grid-template-columns: 3fr 1fr;
  }
  :is([data-count='5'], [data-count='6'], [data-count='7'], [data-count='8']) {
    grid-template-columns: 3fr 1fr 1fr;
  }
  .wall:not([data-count='1'], [data-count='2']) .tile[data-main] {
    grid-row: 1 / span 2;
    grid-column: 1;
  }
  .wall:is([data-count='4'], [data-count='6'], [data-count='7']) .tile[data-main] {
    grid-row: 1 / span 3;
  }
  .wall[data-count='8'] .tile[data-main] {
    grid-row: 1 / span 4;
  }

  /* Where it is narrow, they stand below, two in a row. */
  @container (max-width: 34em) {
    .wall:not([data-count='1']) {
      position: relative;
      grid-template-columns: 1fr 1fr;
      grid-auto-rows: auto;
    }
    .wall:not([data-count='1']) .tile {
      aspect-ratio: 16 / 9;
    }
    .wall:not([data-count='1']) .tile[data-main],
    .wall[data-count='2'] .tile {
      grid-row: auto;
      grid-column: 1 / -1;
      order: -1;
    }
    .wall[data-count='2'] .tile:not([data-main]) {
      order: 0;
    }
  }
`;
