import { css } from 'lit';

/** The page around the elements: what is on screen at once fills the window, and only panels scroll on large screens. */
export const pageStyles = css`
  body {
    margin: 0;
    background: var(--ph-ground);
  }
  porthole-app {
    display: flex;
    flex-direction: column;
    min-height: 100vh;
    min-height: 100dvh;
  }
  porthole-app > porthole-view {
    flex: 1;
    min-height: 0;
  }
  @media (min-width: 860px) {
    porthole-app {
      height: 100vh;
      height: 100dvh;
    }
  }
`;
