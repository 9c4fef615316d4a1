import type { AgentConfig } from '../agent/config/config-schema.ts';
import { buildLogger, type Logger } from '../agent/system/logger.ts';

/** The logger that the configuration describes, on standard error. */
export function buildAgentLogger(config: AgentConfig): Logger {
  const { level, format } = config.log;
  const automatic = process.stderr.isTTY ? 'text' : 'json';
  return buildLogger({ level, format: format === 'auto' ? automatic : format });
}
