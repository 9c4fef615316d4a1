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
    .panel {
      grid-area: 1 / 2 / 3 / 3;
      width: 24em;
      overflow: auto;
      border-top: 0;
      border-inline-start: 1px solid var(--ph-line);
    }
  }
  :host(:fullscreen) :is(.frame, .stage) {
    background: #000;
  }
`;
