import type { AgentConfig } from '../agent/config/config-schema.ts';
import { buildLogger, type LogFormat, type RootLogger } from '../agent/system/logger.ts';
import { isJournal } from './journal.ts';

/** The logger that the configuration describes, on standard error. */
export function buildAgentLogger({ log }: AgentConfig, env: Record<string, string | undefined>): RootLogger {
  return buildLogger({ level: log.level, format: chooseFormat(log.format, env.JOURNAL_STREAM) });
}

function chooseFormat(wanted: AgentConfig['log']['format'], journalStream: string | undefined): LogFormat {
  if (wanted === 'json') return 'json';
  if (isJournal(journalStream)) return 'journal';
  return wanted === 'text' || process.stderr.isTTY ? 'text' : 'json';
}
