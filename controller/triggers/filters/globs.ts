import picomatch from 'picomatch';

/** As in a path: `*` stays within a part, `**` goes over all of them; names may begin with a dot. No braces or extended globs. */
const OPTIONS = { dot: true, nobrace: true, noextglob: true, nonegate: true } as const;

/** Whether the last of the globs that fits lets the name in; one that begins with `!` puts it out again. */
export function matchesGlobs(name: string, globs: readonly string[]): boolean {
  const last = globs.findLast((glob) => picomatch.isMatch(name, glob.replace(/^!/, ''), OPTIONS));
  return last !== undefined && !last.startsWith('!');
}

/** Whether one of a name's two lists, of what is wanted and of what is ignored, stands against it. An empty list says nothing. */
export function isWanted(name: string, wanted: readonly string[], ignored: readonly string[]): boolean {
  if (wanted.length > 0 && !matchesGlobs(name, wanted)) return false;
  return ignored.length === 0 || !matchesGlobs(name, ignored);
}
