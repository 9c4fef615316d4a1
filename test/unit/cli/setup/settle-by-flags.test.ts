import { expect, it } from 'vitest';
import { loadConfig } from '../../../../agent/config/load-config.ts';
import { type Finding, failed } from '../../../../agent/doctor/finding.ts';
import { settleByFlags } from '../../../../cli/setup/settle-by-flags.ts';
import { FakeSetupChecks } from '../../../fakes/setup-fake-checks.ts';

const answers = {
  name: 'Shed',
  brokerUrl: 'mqtts://b.example',
  pageUrl: 'https://b.example/',
  linksBrokerUrl: 'wss://b.example/mqtt',
};

/** What is told of answers whose links have these troubles. */
async function refusal(findings: Finding[]): Promise<string> {
  const checks = new FakeSetupChecks();
  checks.links = async () => findings;
  const buildConfig = () => loadConfig({ env: { HOME: '/nowhere' }, flags: {}, defaultFile: '/nowhere/x' });
  return settleByFlags(answers, { checks, buildConfig }, false).then(String, (error: Error) => error.message);
}

it('tells each advice of a certificate that neither device nor browsers trust, and the flag that helps', async () => {
  const told = await refusal([
    failed('broker-tls', 'Nobody knows it.', 'Set broker.caFile.', { fault: 'unknown-authority' }),
    failed('browser-broker-tls', 'Nobody knows it.', 'Get one that browsers trust.', { fault: 'unknown-authority' }),
  ]);
  expect(told).toContain('→ Set broker.caFile.');
  expect(told).toContain('→ Get one that browsers trust.');
  expect(told).toContain('--ca-file FILE');
});

it('tells once what several steps have found, and no flag that does not help', async () => {
  const broken = failed('broker-login', 'It refuses.', 'Correct the password.');
  const told = await refusal([broken, broken]);
  expect(told.split('It refuses.')).toHaveLength(2);
  expect(told).not.toContain('--ca-file');
});
