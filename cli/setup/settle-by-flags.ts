import type { Finding } from '../../agent/doctor/finding.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { describeFindings } from './describe-findings.ts';
import type { SetupAnswers } from './setup-answers.ts';
import { type AnswerCheckPorts, checkAnswers, hasFailure, isOfAuthority, type SetupStep } from './setup-checks.ts';

/**
 * Tries answers that nobody can be asked about.
 *
 * @param isUnchecked looks at their form only
 * @returns what was found, no failure among it
 * @throws CliError with what is wrong
 */
export async function settleByFlags(
  answers: SetupAnswers,
  ports: AnswerCheckPorts,
  isUnchecked: boolean,
): Promise<Finding[]> {
  const steps: SetupStep[] = isUnchecked ? ['form'] : ['links', 'camera'];
  const findings = (await Promise.all(steps.map((step) => checkAnswers(step, answers, ports)))).flat();
  if (!hasFailure(findings)) return findings;
  const failures = findings.filter(({ level }) => level === 'failure');
  const isRefused = failures.some(({ check }) => check === 'config');
  throw new CliError(
    exitCode.usage,
    [
      'Nothing was written:',
      describeFindings(withoutRepetition(failures)),
      ...(failures.some(isOfAuthority) ? [authorityFlag] : []),
      ...(isRefused ? [] : ['Where that is known and comes right later, --unchecked writes it all the same.']),
    ].join('\n'),
  );
}

const authorityFlag =
  '--ca-file FILE names the certificate of the authority that signed that of the broker; with "none" those count that everybody trusts.';

/** Several steps find the same in a setting of a wrong form. */
function withoutRepetition(findings: readonly Finding[]): Finding[] {
  const told = ({ message, advice }: Finding) => `${message}\n${advice}`;
  return [...new Map(findings.map((finding) => [told(finding), finding])).values()];
}
