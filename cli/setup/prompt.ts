import { createInterface, type Interface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';

/** Asks the person at the terminal. All reject with an AbortError on Ctrl-C and at the end of the input. */
export interface Prompt {
  /** @returns what was typed, or `standard` for nothing */
  ask(question: string, standard: string): Promise<string>;
  /** What is typed is not shown. @returns an empty text for nothing */
  askSecret(question: string): Promise<string>;
  say(text: string): void;
}

/** On standard input and output. */
export class TerminalPrompt implements Prompt {
  private readonly aborter = new AbortController();
  private readonly terminal: Interface;
  private readonly output: Writable;
  private isMuted = false;

  /** @param options others than standard input and output in tests */
  constructor({ input = process.stdin, output = process.stdout }: { input?: Readable; output?: Writable } = {}) {
    this.output = output;
    const muteable = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.isMuted) output.write(chunk);
        done();
      },
    });
    // Without a history: it would offer the password at the next question.
    this.terminal = createInterface({ input, output: muteable, terminal: true, historySize: 0 });
    this.terminal.on('SIGINT', () => this.aborter.abort());
    this.terminal.on('close', () => this.aborter.abort());
  }

  async ask(question: string, standard: string): Promise<string> {
    const hint = standard === '' ? '' : ` [${standard}]`;
    const typed = await this.terminal.question(`${question}${hint}: `, { signal: this.aborter.signal });
    return typed.trim() || standard;
  }

  async askSecret(question: string): Promise<string> {
    this.output.write(`${question}: `);
    this.isMuted = true;
    try {
      return await this.terminal.question('', { signal: this.aborter.signal });
    } finally {
      this.isMuted = false;
      this.output.write('\n');
    }
  }

  say(text: string): void {
    this.output.write(`${text}\n`);
  }

  close(): void {
    this.terminal.close();
  }
}
