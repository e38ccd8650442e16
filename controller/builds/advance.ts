import type { Tx } from '#controller/events';
import {
  findBuild,
  isVerifying,
  lockBuild,
  outlinesOfBuild,
  verificationsOfBuild,
  type JobOutline,
} from '#controller/store';
import { admitBuild } from './admission.ts';
import { moveBuild } from './build-life-cycle.ts';
import { isFailed, worstOf } from './result.ts';
import { unblock } from './unblock.ts';

/**
 * Queues the jobs whose needs have ended, skips those whose `if` says so, and ends the build with its last job, or when what that job has
 * verified is promoted: who builds on a green build finds its images. Nothing happens while the build waits for its place in a concurrency
 * group.
 */
export async function advanceBuild(tx: Tx, buildId: string): Promise<void> {
  await lockBuild(tx.db, buildId);
  const { jobs, disturbed } = await moveBlocked(tx, buildId, await outlinesOfBuild(tx.db, buildId));
  const isDone = jobs.every(({ state }) => state === 'finished') && !(await isVerifying(tx.db, buildId));
  if (isDone) await finishBuild(tx, buildId, jobs);
  for (const other of disturbed) await advanceBuild(tx, other);
}

interface Moved {
  jobs: readonly JobOutline[];
  /** Other builds, of which jobs had to make room. */
  disturbed: ReadonlySet<string>;
}

async function moveBlocked(tx: Tx, buildId: string, outlines: JobOutline[]): Promise<Moved> {
  const disturbed = new Set<string>();
  let jobs = outlines;
  if (!jobs.some(isBlocked)) return { jobs, disturbed };
  const build = await findBuild(tx.db, buildId);
  if (build === undefined || (build.admitted_at === null && !(await admitBuild(tx, build))))
    return { jobs, disturbed };
  const verifications = await verificationsOfBuild(tx.db, buildId);
  // A skipped job may skip others, whatever their order: go on until nothing moves.
  for (let moved = true; moved;) {
    moved = false;
    for (const job of jobs.filter(isBlocked)) {
      const step = await unblock(tx, build, job, jobs, verifications);
      for (const other of step.disturbed ?? []) if (other !== buildId) disturbed.add(other);
      if (step.kind === 'waits') continue;
      moved = true;
      jobs =
        step.kind === 'moved'
          ? jobs.map((known) => (known.id === step.job.id ? step.job : known))
          : await outlinesOfBuild(tx.db, buildId);
    }
  }
  return { jobs, disturbed };
}

function isBlocked({ state }: JobOutline): boolean {
  return state === 'blocked';
}

/** The worst of its jobs' results is the build's; a failure that is allowed counts as success. */
async function finishBuild(tx: Tx, buildId: string, jobs: readonly JobOutline[]): Promise<void> {
  const counted = jobs.map((job) => (isAllowed(job) ? { ...job, result: 'success' as const } : job));
  const worst = worstOf(counted) ?? 'success';
  const culprit = worst === 'success' ? undefined : counted.find((job) => job.result === worst);
  const reason =
    culprit === undefined
      ? null
      : `${culprit.key} ended ${worst}${culprit.reason ? `: ${culprit.reason}` : ''}`;
  await moveBuild(tx, buildId, ['queued', 'running'], 'finished', {
    result: worst,
    reason,
    finished_at: tx.at,
  });
}

function isAllowed(job: JobOutline): boolean {
  return job.continue_on_error !== 0 && isFailed({ ...job, continue_on_error: 0 });
}
