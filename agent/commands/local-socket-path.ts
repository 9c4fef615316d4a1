import { join } from 'node:path';

/** `sun_path` has 108 bytes on Linux, the last of them NUL (unix(7)). A longer path would be cut off in silence. */
export const socketPathMaxBytes = 107;

/** Where the running agent takes commands of whoever owns it. */
export function localSocketPath(runtimeDir: string): string {
  return join(runtimeDir, 'agent.sock');
}
