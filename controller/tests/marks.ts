import type { RecentRun } from './recent.ts';

/**
 * Whether a test that failed in this build did not before: its last run in an earlier build of the branch passed; where there is none, its
 * last one on the branch that this one came from.
 */
export function isNewFailure(
  run: RecentRun,
  onBranch: readonly RecentRun[],
  onBase: readonly RecentRun[],
): boolean {
  if (run.ended !== 'failed') return false;
  const before = onBranch.findLast(({ build }) => build < run.build);
  const last = before ?? onBase.findLast(({ build }) => build !== run.build);
  return last !== undefined && last.ended !== 'failed';
}

/**
 * Whether a test says different things about the same code: it failed and passed within one job, or at one commit; or it failed, passed and
 * failed again, which somebody who broke and mended it seldom does within so few runs.
 */
export function isFlaky(runs: readonly RecentRun[]): boolean {
  if (runs.some(({ ended }) => ended === 'mixed')) return true;
  const failedAt = commitsOf(runs, 'failed');
  if (commitsOf(runs, 'passed').some((commit) => failedAt.includes(commit))) return true;
  const stretches = runs.filter(
    ({ ended }, index) => ended === 'failed' && runs[index - 1]?.ended !== 'failed',
  );
  return stretches.length > 1;
}

function commitsOf(runs: readonly RecentRun[], ended: RecentRun['ended']): string[] {
  return runs.filter((run) => run.ended === ended && run.commit !== '').map(({ commit }) => commit);
}
