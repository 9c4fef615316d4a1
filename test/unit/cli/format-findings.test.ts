import { describe, expect, it } from 'vitest';
import { failed, ok, skipped, warning } from '../../../agent/doctor/finding.ts';
import { formatFindings, worstLevel } from '../../../cli/format-findings.ts';

const groups = [
  {
    title: 'Broker',
    findings: [
      ok('broker-reachable', 'It is there.'),
      failed('broker-login', `It does not ${'let this device in '.repeat(5)}…`, 'Correct “broker.password”.'),
    ],
  },
  { title: 'Empty', findings: [] },
  {
    title: 'Device',
    findings: [warning('temperature', 'It is 81 °C hot.', 'Give it air.'), skipped('nat', 'Not asked.')],
  },
];
const plain = { hasColour: false, hasUnicode: true };
const guide = '/usr/share/doc/porthole/docs/troubleshooting.md';

describe('findings as text', () => {
  it('stand under their headings, with advice below each trouble', () => {
    expect(formatFindings(groups.slice(2), plain, 'troubleshooting.md')).toBe(
      [
        'Device',
        '  ! It is 81 °C hot.',
        '    → Give it air.',
        '  · Not asked.',
        '',
        '1 warning. troubleshooting.md has more on each.',
      ].join('\n'),
    );
  });

  it('fit into 80 columns, but for words that are longer', () => {
    const long = `porthole/1/${'d'.repeat(80)}/in/+`;
    const text = formatFindings(
      [...groups, { title: 'X', findings: [failed('x', `Grant ${long} to it.`, long)] }],
      plain,
      guide,
    );
    expect(text).toContain(long);
    const tooLong = text.split('\n').filter((line) => line.length > 80 && !line.includes(long));
    expect(tooLong).toEqual([]);
    expect(text).not.toContain('Empty');
  });

  it('are ASCII where the terminal knows no more', () => {
    const text = formatFindings(groups, { hasColour: false, hasUnicode: false }, guide);
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text).toContain('  x It does not');
    expect(text).toContain('It is 81 C hot.');
  });

  it('have colours on a terminal, and then alone', () => {
    expect(formatFindings(groups, { hasColour: true, hasUnicode: true }, guide)).toContain('\u001b[31m✗\u001b[0m');
    expect(formatFindings(groups, plain, guide)).not.toContain('\u001b');
  });

  it('end with a word on the whole', () => {
    const fine = [{ title: 'Broker', findings: [ok('a', 'Fine.'), skipped('b', 'Not asked.')] }];
    expect(formatFindings(fine, plain, guide)).toMatch(/\nAll is well\.$/);
    expect(formatFindings(groups, plain, guide)).toMatch(/\n1 failure and 1 warning\. \//);
  });
});

it('the worst finding is what counts', () => {
  expect(worstLevel(groups)).toBe('failure');
  expect(worstLevel(groups.slice(1))).toBe('warning');
  expect(worstLevel(groups.slice(1, 2))).toBe('ok');
});
