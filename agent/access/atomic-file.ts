import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Only the owner may read and write. */
const privateMode = 0o600;

/**
 * Replaces a file so that a crash or a power cut at any moment leaves either the old or the new content, whole. When the
 * promise is fulfilled the new content survives a power cut. The file gets mode 0600.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  await withTemporary(path, content, (temporary) => rename(temporary, path));
}

/**
 * Writes a file that is not there yet, whole or not at all.
 *
 * @returns false when the file was there already, perhaps since a moment ago; it is untouched
 */
export async function createFile(path: string, content: string): Promise<boolean> {
  try {
    // Unlike rename, link refuses an existing target.
    await withTemporary(path, content, (temporary) => link(temporary, path));
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
  path: string,
  content: string,
  putInPlace: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(temporary, content);
    await putInPlace(temporary);
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx', privateMode);
  try {
    await handle.writeFile(content);
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
