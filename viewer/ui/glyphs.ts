import { html, svg, type TemplateResult } from 'lit';

const glyph = (content: TemplateResult) =>
  html`<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">${content}</svg>`;

/** Line drawings for buttons; each button carries its name as text or label. */
export const glyphs = {
  snapshot: glyph(svg`<path d="M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4Z" /><circle cx="12" cy="13.2" r="3.3" />`),
  stats: glyph(svg`<path d="M4 20h16M7 16v-4M12 16V5M17 16V9" />`),
  commands: glyph(svg`<path d="m5 7 5 5-5 5M12.5 17.5H19" />`),
  expand: glyph(svg`<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />`),
  shrink: glyph(svg`<path d="M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5" />`),
  plus: glyph(svg`<path d="M12 5v14M5 12h14" />`),
  rename: glyph(svg`<path d="M5 19h3.5L19 8.5 15.5 5 5 15.5ZM13.5 7l3.5 3.5" />`),
  forget: glyph(svg`<path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 11v5M13.7 11v5" />`),
  close: glyph(svg`<path d="m6 6 12 12M18 6 6 18" />`),
  sound: glyph(svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />`),
  soundOff: glyph(svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5M21 9.5l-5 5" />`),
  microphone: glyph(
    svg`<rect x="9" y="3.5" width="6" height="10.5" rx="3" /><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />`,
  ),
  microphoneOff: glyph(
    svg`<path d="M9 9.5V11a3 3 0 0 0 4.6 2.5M15 10.5v-4a3 3 0 0 0-5.6-1.5M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5a6.4 6.4 0 0 1-.5 2.5M12 18v3M4 4l16 16" />`,
  ),
  check: glyph(svg`<path d="m5 12.5 4.5 4.5L19 7.5" />`),
  down: glyph(svg`<path d="m6 9.5 6 6 6-6" />`),
};
