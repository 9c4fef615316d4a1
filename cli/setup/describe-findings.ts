import type { Finding } from '../../agent/doctor/finding.ts';
import { formatFinding } from '../format-findings.ts';

/** As `porthole doctor` shows them. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings.map((finding) => formatFinding(finding, { hasColour: false, hasUnicode: true })).join('\n');
}
