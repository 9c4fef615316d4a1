import type { Reporter, TestCase } from 'vitest/node';

/** Names the tests that failed and then passed, which a run that lets them try again would not show otherwise. */
export class SecondAttempts implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    for (const name of this.names) console.log(`passed at the second attempt only: ${name}`);
  }
}
