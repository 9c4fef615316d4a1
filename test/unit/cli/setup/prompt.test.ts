import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TerminalPrompt } from '../../../../cli/setup/prompt.ts';

const arrowUp = '\u001b[A';

function openPrompt() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const shown: string[] = [];
  output.on('data', (chunk) => shown.push(String(chunk)));
  const prompt = new TerminalPrompt({ input, output });
  onTestFinished(() => prompt.close());
  return { prompt, type: (keys: string) => input.write(keys), screen: () => shown.join('') };
}

describe('TerminalPrompt', () => {
  it('takes what is typed, and what stands in brackets for nothing', async () => {
    const { prompt, type, screen } = openPrompt();
    const answer = prompt.ask('Name', 'door');
    type(' barn \n');
    expect(await answer).toBe('barn');
    const standard = prompt.ask('Name', 'door');
    type('\n');
    expect(await standard).toBe('door');
    expect(screen()).toContain('Name [door]: ');
  });

  it('shows no secret, neither while it is typed nor to who looks for the last line', async () => {
    const { prompt, type, screen } = openPrompt();
    const secret = prompt.askSecret('Password');
    type('hunter2\n');
    expect(await secret).toBe('hunter2');
    const next = prompt.ask('Name', 'door');
    type(`${arrowUp}\n`);
    expect(await next).toBe('door');
    expect(screen()).not.toContain('hunter2');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['the end of the input', '\u0004'],
  ])('gives up at %s', async (_, keys) => {
    const { prompt, type } = openPrompt();
    const answer = prompt.ask('Name', 'door');
    type(keys);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});
