import { failure, type Result, success } from '../protocol/result.ts';

export type PagePathError = 'malformed' | 'not-found';

/**
 * The file below the page's folder that a request target asks for, with `/` between folders.
 *
 * Refuses what could lead out of the folder before the file system sees it: `..`, hidden files, NUL, and the backslash, which
 * separates folders on some systems.
 */
export function parsePagePath(target: string): Result<string, PagePathError> {
  const path = decodePath(target.split(/[?#]/, 1)[0] ?? '');
  if (path === null || !path.startsWith('/') || /[\0\\]/.test(path)) return failure('malformed');
  if (path === '/') return success('index.html');
  const segments = path.slice(1).split('/');
  if (segments.includes('..') || segments.includes('.')) return failure('malformed');
  if (segments.some((segment) => segment === '' || segment.startsWith('.'))) return failure('not-found');
  return success(segments.join('/'));
}

function decodePath(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
