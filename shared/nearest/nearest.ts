import { distance } from 'fastest-levenshtein';

/** Longer words are not compared: the time grows with the product of both lengths. In UTF-16 code units. */
const LONGEST_COMPARED = 200;

/** A shared beginning shorter than this says nothing. In UTF-16 code units. */
const SHORTEST_PREFIX = 3;

interface Ranked {
  candidate: string;
  rank: number;
}

/**
 * The candidates that a reader may have meant by `word`: the likeliest first, equals by alphabet, without repeats, at most `most`.
 * Letter case counts for nothing. `word` itself is never among them, and a far-fetched candidate isn't either.
 */
export function nearest(word: string, candidates: Iterable<string>, most = 3): string[] {
  const ranked: Ranked[] = [];
  for (const candidate of new Set(candidates)) {
    const rank = candidate === word ? undefined : rankOf(word.toLowerCase(), candidate.toLowerCase());
    if (rank !== undefined) ranked.push({ candidate, rank });
  }
  return ranked
    .toSorted(byRank)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** The number of edits for a slip of the keyboard; above all of those, the missing letters of a word cut short. */
function rankOf(word: string, candidate: string): number | undefined {
  const longer = Math.max(word.length, candidate.length);
  if (longer > LONGEST_COMPARED) return undefined;
  const edits = distance(word, candidate);
  // Two letters that changed places are two edits, so that a word of four letters needs two.
  if (edits <= Math.ceil(longer / 3) && edits < longer) return edits;
  const shorter = Math.min(word.length, candidate.length);
  if (shorter < SHORTEST_PREFIX) return undefined;
  return word.startsWith(candidate) || candidate.startsWith(word) ? longer : undefined;
}

function byRank(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1);
}
