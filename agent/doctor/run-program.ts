import { execFile } from 'node:child_process';

export interface ProgramRun {
  /** Null when it could not be started or did not come to an end. */
  code: number | null;
  stdout: string;
  isMissing: boolean;
  isTimedOut: boolean;
}

/** Runs a small program without a shell. Never throws. */
export function runProgram(program: string, args: readonly string[], timeoutMs: number): Promise<ProgramRun> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, isMissing: error?.code === 'ENOENT', isTimedOut: error?.killed === true });
    });
  });
}
