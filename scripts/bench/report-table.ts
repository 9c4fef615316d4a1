import { type Figure, verdictOf } from './figure.ts';

const marks = { met: 'met', missed: 'MISSED', 'not measured': 'not measured', 'no target': '' } as const;

/** The figures as a table for a terminal: value, target, verdict and baseline, and the notes below. */
export function formatTable(figures: readonly Figure[]): string {
  const header = ['figure', 'value', 'target', '', 'baseline'];
  const rows = figures.map((figure) => [
    figure.title,
    formatValue(figure.value, figure.unit),
    formatTarget(figure),
    marks[verdictOf(figure)],
    figure.baseline ? `${formatValue(figure.baseline.value, figure.unit)} (${figure.baseline.what})` : '',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const notes = figures.filter(({ note }) => note).map(({ title, note }) => `  ${title}: ${note}`);
  return [
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...(notes.length > 0 ? ['', 'Notes', ...notes] : []),
  ].join('\n');
}

function formatTarget({ target, unit }: Figure): string {
  if (!target) return '';
  return 'max' in target ? `<= ${target.max} ${unit}` : `>= ${target.min} ${unit}`;
}

function formatValue(value: number | null, unit: string): string {
  if (value === null || Number.isNaN(value)) return '-';
  if (value === Number.POSITIVE_INFINITY) return 'never';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}
