import { css } from 'lit';

const dark = css`
  --ph-ground: #0b1215;
  --ph-panel: #111b1f;
  --ph-raised: #19262c;
  --ph-line: #2a3b42;
  --ph-text: #e7eff0;
  --ph-soft: #9ab0b6;
  --ph-accent: #e3b661;
  --ph-on-accent: #1d1505;
  --ph-live: #55c9a8;
  --ph-fail: #ff8a7d;
`;

const light = css`
  --ph-ground: #edf1f1;
  --ph-panel: #ffffff;
  --ph-raised: #f1f5f5;
  --ph-line: #cfdadc;
  --ph-text: #12201f;
  --ph-soft: #4c6167;
  --ph-accent: #84590a;
  --ph-on-accent: #ffffff;
  --ph-live: #0a7558;
  --ph-fail: #b02f24;
`;

/**
 * Colours, type and measures. They stand on the outermost host (the page, or the element in somebody else's page) and are
 * inherited by everything inside, so that a page can set its own. What lies over the picture is dark in both schemes.
 */
export const tokens = css`
  :root,
  :host {
    color-scheme: light dark;
    --ph-font: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
    --ph-mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace;
    --ph-radius: 0.6em;
    --ph-stage: #05090b;
    --ph-brass: #d9a94c;
    --ph-glass: #0d2a33;
    --ph-sea: #3fa796;
    ${light}
    font: clamp(14px, 9px + 0.4vw, 22px) / 1.45 var(--ph-font);
    color: var(--ph-text);
  }
  @media (prefers-color-scheme: dark) {
    :root,
    :host {
      ${dark}
    }
  }
  .on-stage {
    color-scheme: dark;
    ${dark}
    color: var(--ph-text);
  }
`;
