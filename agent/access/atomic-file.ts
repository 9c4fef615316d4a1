import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Who may do what with a file. Without ids it belongs to this process. */
export interface FileOwnership {
  mode: number;
  userId?: number;
  groupId?: number;
}

/** Only the owner may read and write. */
const privateFile: FileOwnership = { mode: 0o600 };

/**
 * Replaces a file so that a crash or a power cut at any moment leaves either the old or the new content, whole. When the
 * promise is fulfilled the new content survives a power cut. The file gets mode 0600, unless another is asked for.
 */
export async function replaceFile(path: string, content: string, ownership = privateFile): Promise<void> {
  await withTemporary({ path, content, ownership }, (temporary) => rename(temporary, path));
}

/**
 * Writes a file that is not there yet, whole or not at all.
 *
 * @returns false when the file was there already, perhaps since a moment ago; it is untouched
 */
export async function createFile(path: string, content: string): Promise<boolean> {
  try {
    // Unlike rename, link refuses an existing target.
    await withTemporary({ path, content, ownership: privateFile }, (temporary) => link(temporary, path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what a crash in the middle of a write left. To be called by the only writer of `path`, before it writes. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const leftovers = names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp'));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
}

async function withTemporary(
  file: { path: string; content: string; ownership: FileOwnership },
  putInPlace: (temporary: string) => Promise<void>,
): Promise<void> {
  const { path, content, ownership } = file;
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(temporary, content, ownership);
    await putInPlace(temporary);
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeDurably(path: string, content: string, ownership: FileOwnership): Promise<void> {
  const { mode, userId, groupId } = ownership;
  const handle = await open(path, 'wx', privateFile.mode);
  try {
    await handle.writeFile(content);
    if (userId !== undefined && groupId !== undefined) await handle.chown(userId, groupId);
    // Last, and in any case: the umask does not count for it.
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// The name of a file is part of its folder, and not durable before the folder is.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
