import type { Journal, Tx } from '#controller/events';
import {
  findBuild,
  findJob,
  lockBuild,
  markCancelled,
  outlinesOfBuild,
  type Build,
  type Job,
  type JobOutline,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { callsStatusFunction } from '#shared/expressions';
import { advanceBuild } from './advance.ts';
import { askToStop } from './ask-to-stop.ts';
import { closeJob } from './close-job.ts';

export interface Cancellation {
  /** One sentence for people. */
  reason: string;
  /** Ends everything at once: no grace, no post steps, no artifacts. */
  force: boolean;
}

/**
 * Asks a build to stop. Jobs that wait end at once, but for those whose `if` wants to see how the others end; running ones get SIGTERM, a
 * grace, then SIGKILL, and their post steps. Who asks again means those as well; who forces it ends everything in this transaction.
 *
 * @throws FootmanError `not-found`
 */
export async function cancelBuild(
  journal: Journal,
  buildId: string,
  { reason, force }: Cancellation,
): Promise<Build> {
  return journal.commit(async (tx) => {
    await lockBuild(tx.db, buildId);
    const known = await findBuild(tx.db, buildId);
    if (known === undefined) throw new FootmanError('not-found', `there is no build ${buildId}`);
    if (force) await forceBuild(tx, buildId, reason);
    else await stopBuild(tx, buildId, reason);
    return (await findBuild(tx.db, buildId)) ?? known;
  });
}

/** Asks one job to stop; see {@link cancelBuild}. */
export async function cancelJob(tx: Tx, job: Job, { reason, force }: Cancellation): Promise<void> {
  await lockBuild(tx.db, job.build_id);
  if (force) await closeJob(tx, job.id, { result: 'cancelled', reason, isForced: true });
  else await askToStop(tx, (await findJob(tx.db, job.id)) ?? job, reason);
  await advanceBuild(tx, job.build_id);
}

/** Asks all jobs of a build to stop. */
export async function stopBuild(tx: Tx, buildId: string, reason: string): Promise<void> {
  await lockBuild(tx.db, buildId);
  const build = await findBuild(tx.db, buildId);
  if (build === undefined) return;
  const isAgain = build.cancel_requested_at !== null || build.admitted_at === null;
  await markCancelled(tx.db, buildId, tx.at);
  // All are asked before any moves on, or those that wait for a cancelled one would count as skipped.
  for (const outline of await outlinesOfBuild(tx.db, buildId)) {
    const job = await unfinished(tx, outline);
    if (job === undefined || (!isAgain && watchesTheEnd(job))) continue;
    await askToStop(tx, job, reason);
  }
  await advanceBuild(tx, buildId);
}

async function forceBuild(tx: Tx, buildId: string, reason: string): Promise<void> {
  await markCancelled(tx.db, buildId, tx.at);
  for (const { id, state } of await outlinesOfBuild(tx.db, buildId))
    if (state !== 'finished') await closeJob(tx, id, { result: 'cancelled', reason, isForced: true });
  await advanceBuild(tx, buildId);
}

async function unfinished(tx: Tx, { id, state }: JobOutline): Promise<Job | undefined> {
  return state === 'finished' ? undefined : findJob(tx.db, id);
}

/** Whether the job waits to see how others end, such as one with `if: always()`. */
function watchesTheEnd({ state, spec }: Job): boolean {
  return state === 'blocked' && spec.conditions.some(({ text }) => callsStatusFunction(text));
}
