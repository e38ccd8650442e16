import { readToken } from './read-token.ts';
import { endOf, type Token } from './token.ts';

/** The tokens of one source, read one ahead, so that of several mistakes the first is reported. */
export interface Tokens {
  /** The token that comes next; at the end of the source always `end`. */
  next(): Token;
  /** The token taken last. */
  previous(): Token | undefined;
  /** Goes on to the following token if the next one is of this kind. */
  take(kind: Token['kind']): boolean;
}

export function createTokens(source: string): Tokens {
  let next = readToken(source, 0);
  let previous: Token | undefined;
  return {
    next: () => next,
    previous: () => previous,
    take(kind) {
      if (next.kind !== kind) return false;
      previous = next;
      next = readToken(source, endOf(next));
      return true;
    },
  };
}
