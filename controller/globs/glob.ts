/**
 * A glob, as a list of states: what each takes of a name. Names and globs both come from strangers, so a name is read once, sign by sign, with
 * all states that it may be in; no glob makes that take longer than its length times the name's, as a regular expression's backtracking would.
 */
export type Glob = readonly State[];

type State =
  /** One sign, and on to the next state. */
  | { kind: 'sign'; takes(sign: string): boolean }
  /** Any number of signs: of one part of a path, or of several. */
  | { kind: 'star'; takes(sign: string): boolean }
  /** Whole folders, none included: skips the next state, which takes them. */
  | { kind: 'folders' }
  /** Signs up to a slash, and that one: then on, or once more. */
  | { kind: 'folder' };

/** Steps that matching may take, over all names: what is left after a match is less than zero if they did not suffice. */
export interface Effort {
  left: number;
}

/** `*` and `?` stay within a part, `**` goes over all of them, `[a-z]` and `[!a-z]` are one sign, `\` takes the next one as it is. */
export function parseGlob(text: string): Glob {
  const states: State[] = [];
  for (let rest = text; rest !== '';) {
    const isStart = rest.length === text.length || text.at(-rest.length - 1) === '/';
    const { taken, more } = next(rest, isStart);
    states.push(...more);
    rest = rest.slice(taken.length);
  }
  return states;
}

/** For names that are no paths, such as those of branches: `*` takes slashes too. */
export function parseFlatGlob(text: string): Glob {
  return parseGlob(text).map((state) => (state.kind === 'star' ? { kind: 'star', takes: any } : state));
}

/** False also where the effort does not suffice. */
export function fits(name: string, glob: Glob, effort: Effort): boolean {
  let now = new Set<number>();
  enter(now, glob, 0);
  for (const sign of name) {
    effort.left -= now.size + 1;
    if (effort.left < 0) return false;
    const then = new Set<number>();
    for (const at of now) step(then, glob, at, sign);
    if (then.size === 0) return false;
    now = then;
  }
  return now.has(glob.length);
}

function step(then: Set<number>, glob: Glob, at: number, sign: string): void {
  const state = glob[at];
  switch (state?.kind) {
    case 'sign':
      if (state.takes(sign)) enter(then, glob, at + 1);
      return;
    case 'star':
      if (state.takes(sign)) enter(then, glob, at);
      return;
    case 'folder':
      then.add(at);
      if (sign === '/') enter(then, glob, at + 1);
      return;
    case 'folders':
    case undefined:
  }
}

/** Adds a state, and those that follow without a sign. */
function enter(states: Set<number>, glob: Glob, from: number): void {
  for (let at = from; !states.has(at); at += 1) {
    states.add(at);
    const kind = glob[at]?.kind;
    if (kind === 'folders') {
      states.add(at + 1);
      at += 1;
    } else if (kind !== 'star') return;
  }
}

const TOKEN = /^(?:\*\*\/|\*\*+|\*|\?|\\[^]|\[[!^]?\]?(?:\\[^]|[^\]\\])*\]|[^])/u;

function next(rest: string, isStart: boolean): { taken: string; more: State[] } {
  const taken = TOKEN.exec(rest)?.[0] ?? rest;
  if (taken === '**/' && isStart) return { taken, more: [{ kind: 'folders' }, { kind: 'folder' }] };
  if (taken.startsWith('**')) return { taken: taken.replace('/', ''), more: [{ kind: 'star', takes: any }] };
  if (taken === '*') return { taken, more: [{ kind: 'star', takes: withinPart }] };
  if (taken === '?') return { taken, more: [{ kind: 'sign', takes: withinPart }] };
  if (taken.length > 1 && taken.startsWith('['))
    return { taken, more: [{ kind: 'sign', takes: classOf(taken) }] };
  const literal = taken.length > 1 && taken.startsWith('\\') ? taken.slice(1) : taken;
  return { taken, more: [{ kind: 'sign', takes: (sign) => sign === literal }] };
}

function any(): boolean {
  return true;
}

function withinPart(sign: string): boolean {
  return sign !== '/';
}

function classOf(text: string): (sign: string) => boolean {
  const isNegated = /^\[[!^]/.test(text);
  const inside = text.slice(isNegated ? 2 : 1, -1);
  const members = [...inside.matchAll(/(\\[^]|[^])(?:-(\\[^]|[^]))?/gu)].map(([, from = '', to]) => ({
    from: plain(from),
    to: plain(to ?? from),
  }));
  return (sign) => sign !== '/' && members.some(({ from, to }) => from <= sign && sign <= to) !== isNegated;
}

function plain(sign: string): string {
  return sign.length > 1 && sign.startsWith('\\') ? sign.slice(1) : sign;
}
