import { watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

/** Tells when something may have happened at a path: it came, went, or got other rights. Tells too often rather than not. */
export type WatchPath = (path: string, onEvent: () => void) => Promise<PathWatch>;

export interface PathWatch {
  close(): void;
}

/** Looks again after this long where nothing was told: the folder cannot be watched, or the system was out of watches. */
const pollIntervalMs = 1_000;

/** Watches with inotify every folder on the way to the path, and to what it is a link to, as far as they are there. */
export const watchPath: WatchPath = async (path, onEvent) => {
  const target = await realpath(path).catch(() => path);
  const watches = [...namesByFolder([path, target])].map(([folder, names]) =>
    watchFolder(folder, (name) => {
      // Only what leads to the path: writing to /dev/null is an event in /dev too.
      if (name === null || names.has(name)) onEvent();
    }),
  );
  return {
    close: () => {
      for (const watching of watches) watching.close();
    },
  };
};

/**
 * Waits until there is something to see at a path. Looks at once, whenever something happens there, and each second.
 *
 * @param options.look what there is to see; null: nothing yet
 * @returns what was seen; null when `signal` was aborted before
 */
export async function waitAtPath<Seen>(options: {
  path: string;
  look: () => Promise<Seen | null>;
  signal: AbortSignal;
  watchPath: WatchPath;
}): Promise<Seen | null> {
  const { signal, look } = options;
  while (!signal.aborted) {
    // Before looking, so that nothing happens unseen in between; anew each time, because the folders come and go as well.
    const next = await expectEvent(options);
    try {
      const seen = await look();
      if (seen !== null) return seen;
      if (!signal.aborted) await next.happened;
    } finally {
      next.close();
    }
  }
  return null;
}

/** @returns a promise for the next event, for the time to look anyhow, or for the abort */
async function expectEvent(options: { path: string; signal: AbortSignal; watchPath: WatchPath }) {
  const { path, signal, watchPath } = options;
  let handleEvent = () => {};
  const happened = new Promise<void>((settle) => {
    handleEvent = settle;
  });
  const watching = await watchPath(path, handleEvent);
  const timer = setTimeout(handleEvent, pollIntervalMs);
  signal.addEventListener('abort', handleEvent);
  const close = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', handleEvent);
    watching.close();
  };
  return { happened, close };
}

/** The folders that paths lead through, each with the names that they go on with there. */
function namesByFolder(paths: readonly string[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let step = resolve(path); step !== dirname(step); step = dirname(step)) {
      const folder = dirname(step);
      names.set(folder, (names.get(folder) ?? new Set()).add(basename(step)));
    }
  }
  return names;
}

function watchFolder(folder: string, onEvent: (name: string | null) => void): PathWatch {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => onEvent(name));
    // A folder that goes away is an event of the one above.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return { close() {} };
  }
}
