import { fits, parseGlob, type Effort } from '#controller/globs';

/** Whether the last of the globs that fits lets the name in; one that begins with `!` puts it out again. */
export type Matcher = (name: string, effort: Effort) => boolean;

export function matcherOf(globs: readonly string[]): Matcher {
  const all = globs.map((text) => {
    const isPutOut = text.startsWith('!');
    const plain = isPutOut ? text.slice(1) : text;
    return { plain, isPutOut, glob: parseGlob(plain) };
  });
  return (name, effort) => {
    // A file may be called `[id].ts`, and is meant by that.
    const last = all.findLast(({ plain, glob }) => plain === name || fits(name, glob, effort));
    return last !== undefined && !last.isPutOut;
  };
}

export function matchesGlobs(name: string, globs: readonly string[]): boolean {
  return matcherOf(globs)(name, { left: Infinity });
}

/** Whether one of a name's two lists, of what is wanted and of what is ignored, stands against it. An empty list says nothing. */
export function wants(
  wanted: readonly string[],
  ignored: readonly string[],
): (name: string, effort: Effort) => boolean {
  const isWanted = matcherOf(wanted);
  const isIgnored = matcherOf(ignored);
  return (name, effort) =>
    (wanted.length === 0 || isWanted(name, effort)) && !(ignored.length > 0 && isIgnored(name, effort));
}

export function isWanted(name: string, wanted: readonly string[], ignored: readonly string[]): boolean {
  return wants(wanted, ignored)(name, { left: Infinity });
}
