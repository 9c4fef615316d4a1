import { html } from 'lit';

/** Width and height of the drawing in its own units; the style sheet stretches it. */
const width = 120;
const height = 32;

/** The points of a line that fills the box, newest at the right; a lone value or none has no line. */
export function buildSparkline(values: readonly number[], capacity: number): string {
  if (values.length < 2) return '';
  const top = Math.max(...values, 1e-9);
  const stepX = width / (capacity - 1);
  const startX = width - stepX * (values.length - 1);
  return values
    .map(
      (value, index) =>
        `${(startX + index * stepX).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
    )
    .join(' ');
}

export function renderSparkline(values: readonly number[], capacity: number) {
  return html`<svg class="sparkline" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
    <polyline points=${buildSparkline(values, capacity)} vector-effect="non-scaling-stroke" />
  </svg>`;
}
