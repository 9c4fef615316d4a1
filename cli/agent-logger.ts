import { fstatSync } from 'node:fs';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { buildLogger, type LogFormat, type RootLogger } from '../agent/system/logger.ts';

const standardError = 2;

/** The logger that the configuration describes, on standard error. */
export function buildAgentLogger({ log }: AgentConfig, env: Record<string, string | undefined>): RootLogger {
  return buildLogger({ level: log.level, format: chooseFormat(log.format, env.JOURNAL_STREAM) });
}

/** @param journalStream what systemd says standard error is: device and inode, `8:12345` (systemd.exec(5)) */
function chooseFormat(wanted: AgentConfig['log']['format'], journalStream: string | undefined): LogFormat {
  if (wanted === 'json') return 'json';
  if (isStandardError(journalStream)) return 'journal';
  return wanted === 'text' || process.stderr.isTTY ? 'text' : 'json';
}

// The variable is inherited by programs whose standard error has been redirected since.
function isStandardError(journalStream: string | undefined): boolean {
  if (!journalStream) return false;
  const { dev, ino } = fstatSync(standardError);
  return journalStream === `${dev}:${ino}`;
}
