/** A run of a test that came to a result. */
export interface RecentRun {
  /** Number of its build. */
  build: number;
  attempt: number;
  /** `mixed` failed and passed within one job. */
  ended: 'passed' | 'failed' | 'mixed';
  /** The beginning of the commit; empty where the build has none. */
  commit: string;
}

/** Runs that a judgement looks at. */
export const WINDOW = 20;

const LETTERS = { passed: 'p', failed: 'f', mixed: 'm' } as const;
const WORDS = { p: 'passed', f: 'failed', m: 'mixed' } as const;
const RUN = /^(\d+)\.(\d+)([pfm])([0-9a-f]*)$/;
const COMMIT_LENGTH = 12;

/** As `12.1p0a1b2c3d4e5f 13.1f…`: short, since there is one for each test on each branch. */
export function formatRecent(runs: readonly RecentRun[]): string {
  return runs
    .map(({ build, attempt, ended, commit }) => `${build}.${attempt}${LETTERS[ended]}${shortOf(commit)}`)
    .join(' ');
}

/** Oldest first. */
export function parseRecent(text: string): RecentRun[] {
  return text.split(' ').flatMap((word) => {
    const [, build, attempt, letter, commit = ''] = RUN.exec(word) ?? [];
    if (build === undefined || (letter !== 'p' && letter !== 'f' && letter !== 'm')) return [];
    return [{ build: Number(build), attempt: Number(attempt), ended: WORDS[letter], commit }];
  });
}

/** The last runs with this one among them, in the place of itself if it was there, oldest first. */
export function withRun(runs: readonly RecentRun[], run: RecentRun): RecentRun[] {
  return [...runs.filter((other) => compare(other, run) !== 0), run].toSorted(compare).slice(-WINDOW);
}

function compare(one: RecentRun, other: RecentRun): number {
  return one.build - other.build || one.attempt - other.attempt;
}

function shortOf(commit: string): string {
  return /^[0-9a-f]+$/.test(commit) ? commit.slice(0, COMMIT_LENGTH) : '';
}
