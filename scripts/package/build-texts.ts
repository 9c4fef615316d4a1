import type { CliCommand } from '../../cli/command-line.ts';
import { buildBashCompletion, buildFishCompletion, buildZshCompletion } from './completions.ts';
import { buildManPage } from './man-page.ts';

/** The files that say what the command line says, by their paths. They are kept in the repository, and a test compares them. */
export function buildTexts(commands: readonly CliCommand[]): [path: string, text: string][] {
  return [
    ['packaging/man/porthole.1', buildManPage(commands)],
    ['packaging/completions/porthole.bash', buildBashCompletion(commands)],
    ['packaging/completions/porthole.zsh', buildZshCompletion(commands)],
    ['packaging/completions/porthole.fish', buildFishCompletion(commands)],
  ];
}
