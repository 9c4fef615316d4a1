import { systemConfigFile } from '../../agent/config/config-paths.ts';

export interface NextStepsOptions {
  /** The configuration that was written. */
  file: string;
  /** The one that is read when none is named. */
  defaultFile: string;
  /** Whether systemd knows the agent. */
  hasService: boolean;
  isRoot: boolean;
}

/** The commands that bring the new configuration to life, in their order. */
export function nextSteps({ file, defaultFile, hasService, isRoot }: NextStepsOptions): string[] {
  const sudo = isRoot ? '' : 'sudo ';
  if (hasService && file === systemConfigFile) {
    return [`${sudo}systemctl restart porthole`, `${sudo}porthole invite --role control`];
  }
  const config = file === defaultFile ? '' : ` --config ${quote(file)}`;
  return [`porthole agent${config}`, `porthole invite --role control${config}`];
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
