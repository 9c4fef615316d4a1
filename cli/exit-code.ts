/** How a command ended, for scripts. */
export const exitCode = {
  done: 0,
  /** It was tried and did not work: the sentence on standard error says why. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
  /** No agent is running here, or the device did not answer. */
  notReachable: 3,
  /** The device refused: not paired, invite used up, role too low. */
  refused: 4,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An error for the person at the terminal: one sentence of what is wrong and what to do. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = code;
  }
}
