import { parseUtf8 } from './bytes.ts';
import { failure, type Result, success } from './result.ts';

export type JsonError = 'too-large' | 'not-utf8' | 'too-deep' | 'not-json';

/** Parses JSON from the outside: size and nesting are checked before the parser sees it. */
export function parseJson(
  input: Uint8Array | string,
  bounds: { maxBytes: number; maxDepth: number },
): Result<unknown, JsonError> {
  if (input.length > bounds.maxBytes) return failure('too-large');
  const text = typeof input === 'string' ? input : parseUtf8(input);
  if (text === null) return failure('not-utf8');
  if (nestingOf(text) > bounds.maxDepth) return failure('too-deep');
  try {
    return success(JSON.parse(text));
  } catch {
    return failure('not-json');
  }
}

function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
