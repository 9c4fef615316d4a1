import type { FindingGroup } from '../agent/doctor/doctor.ts';
import type { Finding, FindingLevel } from '../agent/doctor/finding.ts';

export interface FindingsStyle {
  hasColour: boolean;
  /** Else ASCII alone. */
  hasUnicode: boolean;
}

const widthMax = 80;
const indent = '    ';
const symbols: Record<FindingLevel, { unicode: string; ascii: string; colour: string }> = {
  ok: { unicode: '✓', ascii: '+', colour: '32' },
  warning: { unicode: '!', ascii: '!', colour: '33' },
  failure: { unicode: '✗', ascii: 'x', colour: '31' },
  skipped: { unicode: '·', ascii: '-', colour: '2' },
};

/** The worst that was found. */
export function worstLevel(groups: readonly FindingGroup[]): 'ok' | 'warning' | 'failure' {
  const levels = groups.flatMap(({ findings }) => findings.map(({ level }) => level));
  return levels.includes('failure') ? 'failure' : levels.includes('warning') ? 'warning' : 'ok';
}

/**
 * For people: what was found under headings, with what to do below each trouble, in 80 columns.
 *
 * @param guide path of the document that explains the checks
 */
export function formatFindings(groups: readonly FindingGroup[], style: FindingsStyle, guide: string): string {
  const blocks = groups
    .filter(({ findings }) => findings.length > 0)
    .map(({ title, findings }) => {
      const heading = style.hasColour ? paint('1', title) : title;
      return [heading, ...findings.map((finding) => formatFinding(finding, style))].join('\n');
    });
  return [...blocks, summarise(groups, guide)].join('\n\n');
}

/** One of them, in 80 columns. */
export function formatFinding({ level, message, advice }: Finding, style: FindingsStyle): string {
  const { unicode, ascii, colour } = symbols[level];
  const symbol = style.hasUnicode ? unicode : ascii;
  const plain = (text: string) => (style.hasUnicode ? text : toAscii(text));
  const lines = wrap(plain(message), indent);
  const first = `  ${style.hasColour ? paint(colour, symbol) : symbol} ${lines.join('\n').trimStart()}`;
  if (advice === undefined) return first;
  const arrow = style.hasUnicode ? '→' : '>';
  return `${first}\n${indent}${arrow} ${wrap(plain(advice), `${indent}  `).join('\n').trimStart()}`;
}

function summarise(groups: readonly FindingGroup[], guide: string): string {
  const count = (level: FindingLevel) =>
    groups.reduce((sum, { findings }) => sum + findings.filter((finding) => finding.level === level).length, 0);
  const [failures, warnings] = [count('failure'), count('warning')];
  if (failures + warnings === 0) return 'All is well.';
  const parts = [failures > 0 ? plural(failures, 'failure') : '', warnings > 0 ? plural(warnings, 'warning') : ''];
  return wrap(`${parts.filter(Boolean).join(' and ')}. ${guide} has more on each.`, '').join('\n');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Lines that begin with `margin`; a word that is longer than a line stays whole, so that it can be copied. */
function wrap(text: string, margin: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin.length + line.length + 1 + word.length > widthMax) {
      lines.push(margin + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, margin + line];
}

function paint(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}

function toAscii(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll(' °C', ' C')
    .replace(/[’‘]/g, "'")
    .replace(/[^ -~]/g, '?');
}
