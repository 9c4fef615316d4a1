import { html, svg } from 'lit';

/** Width and height of the drawing in its own units; the style sheet stretches it. */
const width = 120;
const height = 32;

/**
 * The points of a line, newest at the right; a lone value or none has no line.
 *
 * @param top the value at the upper edge; left out, the largest of them
 */
export function buildSparkline(values: readonly number[], capacity: number, top = Math.max(...values, 1e-9)): string {
  if (values.length < 2) return '';
  const stepX = width / (capacity - 1);
  const startX = width - stepX * (values.length - 1);
  return values
    .map(
      (value, index) =>
        `${(startX + index * stepX).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
    )
    .join(' ');
}

/** @param limits a second line on the same scale, such as the most that would have been possible */
export function renderSparkline(values: readonly number[], capacity: number, limits: readonly number[] = []) {
  const top = Math.max(...values, ...limits, 1e-9);
  const line = (points: readonly number[], name: string) =>
    svg`<polyline class=${name} points=${buildSparkline(points, capacity, top)} vector-effect="non-scaling-stroke" />`;
  return html`<svg class="sparkline" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
    ${line(limits, 'limit')}${line(values, 'value')}
  </svg>`;
}
