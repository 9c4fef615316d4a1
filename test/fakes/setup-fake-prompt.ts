import type { Prompt } from '../../cli/setup/prompt.ts';

/** Answers from a list; an empty text is Enter. */
export class FakePrompt implements Prompt {
  /** All that the person saw, in order. */
  readonly shown: string[] = [];
  private readonly answers: string[];

  constructor(answers: string[]) {
    this.answers = [...answers];
  }

  get unused(): readonly string[] {
    return this.answers;
  }

  async ask(question: string, standard: string): Promise<string> {
    this.shown.push(`${question.trim()} [${standard}]`);
    return this.next(question) || standard;
  }

  async askSecret(question: string): Promise<string> {
    this.shown.push(question);
    return this.next(question);
  }

  say(text: string): void {
    this.shown.push(text);
  }

  private next(question: string): string {
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error(`no answer for: ${question}`);
    return answer;
  }
}
