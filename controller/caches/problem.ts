import type { Cache } from '#shared/pipeline';

/** Most characters of a key. */
export const MAX_KEY_LENGTH = 512;

/** What is wrong with a cache once it is evaluated, as a sentence; undefined when nothing is. */
export function problemOf({ key, restoreKeys, paths }: Cache): string | undefined {
  if (key === '') return "the cache's key is empty";
  for (const text of [key, ...restoreKeys]) {
    if (text.length > MAX_KEY_LENGTH) return `a cache's key has at most ${MAX_KEY_LENGTH} characters`;
    if (hasControls(text)) return "a cache's key is one line, without control characters";
  }
  return paths.map(problemOfPath).find((problem) => problem !== undefined);
}

function problemOfPath(path: string): string | undefined {
  const quoted = JSON.stringify(path);
  if (hasControls(path)) return `the path ${quoted} has control characters`;
  const rest = path.startsWith('~/') ? path.slice(2) : path;
  if (rest === '' || rest.startsWith('/') || rest.startsWith('~'))
    return `the path ${quoted} is neither relative to the workspace nor below ~/`;
  if (rest.split('/').includes('..')) return `the path ${quoted} leads out`;
  if (rest.includes('**')) return `the path ${quoted} has **; name each folder, * stands for one`;
  return undefined;
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text);
}
