import type { Finding } from '../../agent/doctor/finding.ts';
import { describeFindings } from './describe-findings.ts';
import type { Prompt } from './prompt.ts';
import { guessLinks, type SetupAnswers } from './setup-answers.ts';
import {
  type AnswerCheckPorts,
  checkAnswers,
  type FoundCamera,
  hasFailure,
  isOfAuthority,
  type SetupStep,
} from './setup-checks.ts';

export interface SetupDialogOptions extends AnswerCheckPorts {
  prompt: Prompt;
  /** What Enter stands for. */
  standard: SetupAnswers;
  /** What the command line has settled: it is not asked. */
  given: Partial<SetupAnswers>;
  /** Whether links are in force that were set on purpose. Otherwise they are guessed from the address of the broker. */
  hasLinks: boolean;
  hasPassword: boolean;
}

/** Asks for the few settings that matter. Each answer is tried at once; what does not work is asked again. */
export class SetupDialog {
  private readonly options: SetupDialogOptions;
  private answers: SetupAnswers;

  constructor(options: SetupDialogOptions) {
    this.options = options;
    this.answers = { ...options.standard, ...options.given };
  }

  /** @throws AbortError when the person gives up */
  async run(): Promise<SetupAnswers> {
    const { prompt } = this.options;
    prompt.say('A few questions. Enter takes what stands in [brackets].\n');
    prompt.say('The broker is where device and browsers meet; it cannot see what they say.');
    await this.settle('broker', () => this.askBroker());
    prompt.say('\nInvite links name the page, and the broker as browsers reach it.');
    await this.settle('links', () => this.askLinks());
    await this.settle('camera', () => this.askCamera());
    await this.settle('form', () => this.askFor('name', '\nName that viewers see'));
    return this.answers;
  }

  private async settle(step: SetupStep, askStep: () => Promise<void>): Promise<void> {
    const { prompt } = this.options;
    for (;;) {
      await askStep();
      let findings = await this.tryAnswers(step);
      if (findings.some(isOfAuthority) && (await this.askAuthority())) findings = await this.tryAnswers(step);
      if (!hasFailure(findings)) return;
      const isKept = (await prompt.ask('Keep it all the same (y), or answer again (n)', 'n')).startsWith('y');
      // What has a wrong form would be refused in the file as well.
      if (isKept && !findings.some(({ check }) => check === 'config')) return;
    }
  }

  private async tryAnswers(step: SetupStep): Promise<Finding[]> {
    const findings = await checkAnswers(step, this.answers, this.options);
    if (findings.length > 0) this.options.prompt.say(describeFindings(relevantTo(step, findings)));
    return findings;
  }

  /** A broker with a private authority is no mistake. @returns false when the answer is the one that is in force */
  private async askAuthority(): Promise<boolean> {
    const before = this.answers.caFile;
    const answer = await this.options.prompt.ask('PEM file of the authority that signed it, - for none', before ?? '-');
    const caFile = answer === '-' ? undefined : answer;
    this.answers = { ...this.answers, caFile };
    return caFile !== before;
  }

  private async askBroker(): Promise<void> {
    const { prompt, given, hasPassword } = this.options;
    await this.askFor('brokerUrl', 'Address of the broker');
    if (given.username === undefined) {
      const username = await prompt.ask('User name there, - for none', this.answers.username ?? '-');
      const account = username === '-' ? { username: undefined, password: undefined } : { username };
      this.answers = { ...this.answers, ...account };
    }
    if (given.password !== undefined || this.answers.username === undefined) return;
    const isThere = hasPassword || this.answers.password !== undefined;
    const password = await prompt.askSecret(isThere ? 'Password, Enter for the one that is there' : 'Password');
    if (password !== '') this.answers = { ...this.answers, password };
  }

  private async askLinks(): Promise<void> {
    const { given, hasLinks, standard } = this.options;
    const isUntouched = this.answers.linksBrokerUrl === standard.linksBrokerUrl;
    if (!hasLinks && isUntouched && URL.canParse(this.answers.brokerUrl))
      this.answers = { ...this.answers, ...guessLinks(this.answers.brokerUrl), ...given };
    await this.askFor('pageUrl', 'Address of the page');
    await this.askFor('linksBrokerUrl', 'Broker for browsers (WebSocket)');
  }

  private async askCamera(): Promise<void> {
    const { prompt, given, checks, standard } = this.options;
    if (given.camera !== undefined) return;
    prompt.say('\nLooking for cameras ...');
    const found = await checks.listCameras();
    prompt.say(listCameras(found));
    // A camera that is in the file stays there, so that only without one it can be left to the agent.
    const isOpen = standard.camera === undefined;
    const forms = `test, file:PATH, rtsp://…, rpicam${isOpen ? ', - for the first one found' : ''}`;
    const usual = this.answers.camera ?? found[0]?.source ?? '-';
    const answer = await prompt.ask(`Camera: a number of these, or ${forms}`, usual);
    const chosen = /^\d+$/.test(answer) ? found[Number(answer) - 1]?.source : undefined;
    this.answers = { ...this.answers, camera: isOpen && answer === '-' ? undefined : (chosen ?? answer) };
  }

  private async askFor(key: 'name' | 'brokerUrl' | 'pageUrl' | 'linksBrokerUrl', question: string): Promise<void> {
    const { prompt, given } = this.options;
    if (given[key] !== undefined) return;
    this.answers = { ...this.answers, [key]: await prompt.ask(question, this.answers[key]) };
  }
}

/** The way of the device has been told already when that of the browser is tried. */
function relevantTo(step: SetupStep, findings: readonly Finding[]): Finding[] {
  const isNew = ({ check, level }: Finding) => level === 'failure' || !/^broker-(reachable|tls|login)$/.test(check);
  return step === 'links' ? findings.filter(isNew) : [...findings];
}

function listCameras(found: readonly FoundCamera[]): string {
  if (found.length === 0) return 'There is none now. The agent takes the first one that it finds.';
  return found
    .map(({ name, source, formats }, index) => `  ${index + 1}  ${name}, ${source}${formats && `\n     ${formats}`}`)
    .join('\n');
}
