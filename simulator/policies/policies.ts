import { startFootman } from './footman.ts';
import { startJenkins } from './jenkins/index.ts';
import type { Policy } from './policy.ts';
import { fixedPool, LEARNING_POOL, NO_POOL } from './pools.ts';

/** Sizes of the fixed pools that are compared when nobody says which. */
const FIXED = [1, 2, 4, 8];

export const ALL: readonly Policy[] = [
  { name: 'none', pool: NO_POOL, start: (site) => startFootman(site) },
  ...FIXED.map(fixed),
  { name: 'learning', pool: LEARNING_POOL, start: (site) => startFootman(site) },
  { name: 'jenkins', pool: NO_POOL, start: startJenkins },
];

/** What `--policy` can say. */
export const POLICY_WORDS = 'all, none, fixed, fixed:N, learning, jenkins';

/** The policies of a list such as `none,fixed:3,jenkins`; undefined when a word is none. */
export function policiesOf(words: string): readonly Policy[] | undefined {
  const found = words.split(',').map((word) => policiesOfWord(word.trim()));
  return found.every((policies) => policies.length > 0) ? [...new Set(found.flat())] : undefined;
}

function policiesOfWord(word: string): readonly Policy[] {
  if (word === 'all') return ALL;
  if (word === 'fixed') return ALL.filter(({ name }) => name.startsWith('fixed:'));
  const size = /^fixed:(\d{1,4})$/.exec(word)?.[1];
  const known = ALL.filter(({ name }) => name === word);
  return known.length === 0 && size !== undefined ? [fixed(Number(size))] : known;
}

function fixed(size: number): Policy {
  return { name: `fixed:${size}`, pool: fixedPool(size), start: (site) => startFootman(site) };
}
