import { open } from 'node:fs/promises';

/** A file in the state folder that cannot be used. The message says what to do. */
export class StateFileError extends Error {
  readonly code: 'exposed' | 'corrupted' | 'unreadable' | 'not-saved';

  constructor(code: StateFileError['code'], message: string) {
    super(message);
    this.name = 'StateFileError';
    this.code = code;
  }

  static exposed(path: string, mode: number): StateFileError {
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    return new StateFileError(
      'exposed',
      `${path} may be used by others (mode ${octal}). Find out who has seen it, then: chmod 600 ${path}`,
    );
  }

  static corrupted(path: string, reason: string, remedy: string): StateFileError {
    return new StateFileError('corrupted', `${path} is damaged (${reason}). ${remedy}`);
  }

  static unreadable(path: string, error: unknown): StateFileError {
    return new StateFileError('unreadable', `${path} cannot be read: ${reasonOf(error)}`);
  }

  static notSaved(path: string, error: unknown): StateFileError {
    return new StateFileError('not-saved', `${path} cannot be written: ${reasonOf(error)}`);
  }
}

/**
 * Reads a file that must belong to its owner alone.
 *
 * @returns null when there is no such file
 * @throws StateFileError `exposed` or `unreadable`
 */
export async function readPrivateFile(path: string): Promise<string | null> {
  try {
    const handle = await open(path, 'r');
    try {
      const { mode } = await handle.stat();
      if ((mode & 0o077) !== 0) throw StateFileError.exposed(path, mode);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof StateFileError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw StateFileError.unreadable(path, error);
  }
}

/** JSON, or undefined, which no JSON text means. */
export function parseStateJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
