import { expect, test } from 'vitest';
import { isFlaky, isNewFailure } from './marks.ts';
import { formatRecent, parseRecent, WINDOW, withRun, type RecentRun } from './recent.ts';

/** `pfm`: one run a build, from build 1 on, each at a commit of its own. */
function history(letters: string): RecentRun[] {
  return Array.from(letters, (letter, index) => ({
    build: index + 1,
    attempt: 1,
    ended: letter === 'p' ? 'passed' : letter === 'f' ? 'failed' : 'mixed',
    commit: `${index + 1}`.padStart(12, '0'),
  }));
}

const NOW: RecentRun = { build: 100, attempt: 1, ended: 'failed', commit: '' };

test.each([
  ['pp', '', true],
  ['pf', '', false],
  ['fp', '', true],
  ['m', '', true],
  ['', 'p', true],
  ['', 'f', false],
  ['', '', false],
  ['f', 'p', false],
])('after %j on its branch and %j on the base, a failure is new: %s', (onBranch, onBase, isNew) => {
  expect(isNewFailure(NOW, history(onBranch), history(onBase))).toBe(isNew);
});

test('what passes is no new failure', () => {
  expect(isNewFailure({ ...NOW, ended: 'passed' }, history('p'), [])).toBe(false);
});

test('a retry that fails, too, is as new as the first attempt', () => {
  const runs = withRun(history('p'), { ...NOW, attempt: 1 });
  expect(isNewFailure({ ...NOW, attempt: 2 }, runs, [])).toBe(true);
});

test('builds that ended meanwhile, though they began later, are not the run before', () => {
  const runs = [...history('p'), { ...NOW, build: 101 }];
  expect(isNewFailure(NOW, runs, [])).toBe(true);
});

test.each([
  ['pppp', false],
  ['ffff', false],
  ['ppff', false],
  ['ffpp', false],
  ['pffp', false],
  ['fpf', true],
  ['pfppfp', true],
  ['ppm', true],
])('%j is flaky: %s', (letters, flaky) => {
  expect(isFlaky(history(letters))).toBe(flaky);
});

test('one commit with two results is flaky', () => {
  const [first, second] = history('pf').map((run) => Object.assign(run, { commit: 'abc123' }));
  expect(first && second && isFlaky([first, second])).toBe(true);
});

test('runs of no commit are not those of one', () => {
  expect(isFlaky(history('pf').map((run) => Object.assign(run, { commit: '' })))).toBe(false);
});

test('the last runs are kept, in the order of the builds, each once', () => {
  const runs = history('pfpf'.repeat(8)).toReversed();
  const kept = runs.reduce<RecentRun[]>((before, run) => withRun(withRun(before, run), run), []);
  expect(kept.map(({ build }) => build)).toEqual(Array.from({ length: WINDOW }, (_, at) => 13 + at));
});

test('what is written of runs is read again, and nothing else is', () => {
  const runs = history('pfm').concat({ build: 9, attempt: 2, ended: 'passed', commit: '' });
  expect(parseRecent(formatRecent(runs))).toEqual(runs);
  expect(parseRecent('')).toEqual([]);
  expect(parseRecent('x 1.1z 1p')).toEqual([]);
});
