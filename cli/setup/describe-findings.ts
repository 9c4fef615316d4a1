import type { Finding, FindingLevel } from '../../agent/doctor/finding.ts';

const marks: Record<FindingLevel, string> = { ok: '✓', warning: '!', failure: '✗', skipped: '-' };

/** One line for each, and one for what to do. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ level, message, advice }) => [`  ${marks[level]} ${message}`, ...(advice ? [`    ${advice}`] : [])])
    .join('\n');
}
