import { redactCredentials } from '../agent/ffmpeg/redact-credentials.ts';

/**
 * Takes passwords and invites out of the command line of this process, which every user of the machine can read as long as it runs
 * (/proc/PID/cmdline, proc(5)). Node writes the title over it.
 *
 * @param args what stands behind the name of the program
 */
export function hideCredentials(args: readonly string[]): void {
  const shown = args.map(redactCredentials);
  // Left as it is where there is nothing to hide, since a title shortens the name that "ps" shows.
  if (shown.some((arg, index) => arg !== args[index])) process.title = ['porthole', ...shown].join(' ');
}
