import type { JobOutline, Result } from '#controller/store';

/** A skipped job is never worse than what skipped it. */
const WORST_FIRST: readonly Result[] = ['errored', 'failure', 'timed-out', 'cancelled', 'success', 'skipped'];

/** The worst of the results; null while there is none. */
export function worstOf(jobs: readonly Pick<JobOutline, 'result'>[]): Result | null {
  return WORST_FIRST.find((result) => jobs.some((job) => job.result === result)) ?? null;
}

/** Whether the job spoils its build, and what needs it. */
export function isFailed({
  result,
  continue_on_error: forgiven,
}: Pick<JobOutline, 'result' | 'continue_on_error'>): boolean {
  return forgiven === 0 && (result === 'failure' || result === 'errored' || result === 'timed-out');
}

/** Whether what needs the job may go on as if nothing had happened. */
export function isFine(job: Pick<JobOutline, 'result' | 'continue_on_error'>): boolean {
  if (job.result === 'success') return true;
  return job.continue_on_error !== 0 && job.result !== 'skipped' && job.result !== 'cancelled';
}
