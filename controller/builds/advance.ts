import { closeArtifacts } from '#controller/artifacts';
import type { Tx } from '#controller/events';
import { jobsOfBuild, type Job, type Result } from '#controller/store';
import { moveBuild } from './build-life-cycle.ts';
import { moveJob } from './job-life-cycle.ts';
import { closeSteps } from './step-life-cycle.ts';

/** Queues the jobs whose needs are met, skips those whose needs never will be, and ends the build with its last job. */
export async function advanceBuild(tx: Tx, buildId: string): Promise<void> {
  const jobs = new Map((await jobsOfBuild(tx.db, buildId)).map((job) => [job.key, job]));
  // A skipped job may skip others, whatever their order: go on until nothing moves.
  for (let moved = true; moved;) {
    moved = false;
    for (const job of jobs.values()) {
      const next = job.state === 'blocked' ? await unblock(tx, job, jobs) : undefined;
      if (next === undefined) continue;
      jobs.set(next.key, next);
      moved = true;
    }
  }
  const all = [...jobs.values()];
  if (all.every((job) => job.state === 'finished')) await finishBuild(tx, buildId, all);
}

async function unblock(tx: Tx, job: Job, jobs: ReadonlyMap<string, Job>): Promise<Job | undefined> {
  const needed = job.needs.map((key) => jobs.get(key)).filter((need) => need !== undefined);
  const broken = needed.find((need) => need.state === 'finished' && need.result !== 'success');
  if (broken !== undefined) {
    const reason = `it needs ${broken.key}, which ended ${broken.result}`;
    const set = { result: 'skipped' as const, reason, finished_at: tx.at };
    const skipped = await moveJob(tx, job.id, ['blocked'], 'finished', set);
    if (skipped === undefined) return undefined;
    await closeSteps(tx, skipped);
    await closeArtifacts(tx, skipped);
    return skipped;
  }
  if (needed.some((need) => need.state !== 'finished')) return undefined;
  return moveJob(tx, job.id, ['blocked'], 'queued', { queued_at: tx.at });
}

/** The worst of its jobs' results is the build's; a skipped job is never worse than what skipped it. */
const WORST_FIRST: readonly Result[] = ['errored', 'failure', 'timed-out', 'cancelled', 'success', 'skipped'];

async function finishBuild(tx: Tx, buildId: string, jobs: readonly Job[]): Promise<void> {
  const worst = WORST_FIRST.find((result) => jobs.some((job) => job.result === result)) ?? 'success';
  const culprit = worst === 'success' ? undefined : jobs.find((job) => job.result === worst);
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
