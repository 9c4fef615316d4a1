import { css } from 'lit';

export const statsPanelStyles = css`
  :host {
    display: block;
  }
  .curves {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.6em;
    margin-bottom: 0.8em;
  }
  figure {
    margin: 0;
    padding: 0.6em 0.7em;
    border: 1px solid var(--ph-line);
    border-radius: var(--ph-radius);
    background: var(--ph-raised);
  }
  figure:first-child {
    grid-column: 1 / -1;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    column-gap: 0.4em;
  }
  .sparkline {
    display: block;
    width: 100%;
    height: 2.4em;
    margin-top: 0.4em;
  }
  polyline {
    fill: none;
    stroke: var(--ph-live);
    stroke-width: 1.5;
    stroke-linejoin: round;
  }
  polyline.limit {
    stroke: var(--ph-soft);
    stroke-width: 1;
    stroke-dasharray: 3 3;
  }
  dl {
    margin: 0;
  }
  dl > div {
    display: flex;
    justify-content: space-between;
    gap: 1em;
    padding: 0.38em 0;
    border-bottom: 1px solid var(--ph-line);
  }
  dt,
  figcaption span {
    color: var(--ph-soft);
  }
  dt {
    flex: none;
  }
  dd,
  figcaption b {
    margin: 0;
    font-weight: 500;
    font-variant-numeric: tabular-nums;
    text-align: end;
  }
  h3 {
    margin: 1.4em 0 0.4em;
    font-size: 1em;
    font-weight: 600;
  }
  p {
    margin: 0;
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 1em;
    padding: 0.45em 0;
    border-top: 1px solid var(--ph-line);
  }
  time {
    color: var(--ph-soft);
    font-variant-numeric: tabular-nums;
  }
  small {
    display: block;
    font-size: 0.92em;
  }
`;
