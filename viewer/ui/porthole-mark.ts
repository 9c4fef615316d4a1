import { html, svg } from 'lit';

/** Where the six bolts of the ring sit, on a circle of radius 20 around (24, 24). */
const bolts = [0, 60, 120, 180, 240, 300].map((degrees) => {
  const angle = (degrees * Math.PI) / 180;
  return { x: (24 + 20 * Math.sin(angle)).toFixed(2), y: (24 - 20 * Math.cos(angle)).toFixed(2) };
});

/**
 * The round mark: a brass ring with six bolts around a view of the sea. The arc `.sweep` runs along the inner edge where something
 * is under way. The file in public/ draws the same.
 */
export const portholeMark = html`
  <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
    <circle cx="24" cy="24" r="17.5" fill="var(--ph-glass)" />
    <path
      fill="var(--ph-sea)"
      fill-opacity="0.45"
      d="M6.7 22.6c4.3-2.9 8.6-2.9 12.9-.1s8.6 2.8 12.9 0c3.1-2 5.8-2.5 8.6-1.600A17.5 17.5 0 1 1 6.7 22.600Z"
    />
    <path
      fill="var(--ph-sea)"
      d="M6.7 27.400c2.9-1.8 5.8-1.8 8.7.1 4.3 2.8 8.6 2.8 12.9 0s8.6-2.8 12.9-.1A17.5 17.5 0 0 1 6.7 27.400Z"
    />
    <circle class="sweep" cx="24" cy="24" r="16.4" fill="none" pathLength="100" />
    <circle cx="24" cy="24" r="20" fill="none" stroke="var(--ph-brass)" stroke-width="5" />
    <circle cx="24" cy="24" r="17.7" fill="none" stroke="#6d4f16" stroke-opacity="0.55" stroke-width="0.6" />
    <g fill="#6d4f16">${bolts.map(({ x, y }) => svg`<circle cx=${x} cy=${y} r="1.1" />`)}</g>
  </svg>
`;
