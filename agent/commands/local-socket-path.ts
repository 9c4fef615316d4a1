import { statSync } from 'node:fs';
import { join } from 'node:path';

/** `sun_path` has 108 bytes on Linux, the last of them NUL (unix(7)). A longer path would be cut off in silence. */
export const socketPathMaxBytes = 107;

/** Where the running agent takes commands of whoever owns it. */
export function localSocketPath(runtimeDir: string): string {
  return join(runtimeDir, 'agent.sock');
}

/** Whether a folder on the way to the socket is closed to this user, who then cannot know whether an agent runs there. */
export function isSocketHidden(socketPath: string): boolean {
  try {
    // Its own rights do not count for that.
    statSync(socketPath);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
