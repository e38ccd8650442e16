import type { Tx } from '#controller/events';
import { findJob, jobsInGroup, lockBuild, lockGroup, type Build, type Job } from '#controller/store';
import { askToStop } from './ask-to-stop.ts';
import { jobHasPlace } from './places.ts';

/** Asks the jobs of older builds in the group to stop. Returns those builds. */
export async function supersedeJobs(tx: Tx, build: Build, group: string): Promise<string[]> {
  await lockGroup(tx.db, group, tx.at);
  const reason = `build #${build.number} has taken its place`;
  const older = (await jobsInGroup(tx.db, group)).filter(({ number }) => number < build.number);
  const builds = [...new Set(older.map(({ build_id: id }) => id))];
  for (const id of builds) await lockBuild(tx.db, id);
  for (const { id } of older) {
    const job = await findJob(tx.db, id);
    if (job !== undefined) await askToStop(tx, job, reason);
  }
  return builds;
}

/** Whether there is a place in its group for the job. */
export async function hasPlace(tx: Tx, job: Job): Promise<boolean> {
  const { concurrency_group: group } = job;
  if (group === null) return true;
  await lockGroup(tx.db, group, tx.at);
  return jobHasPlace(job, await jobsInGroup(tx.db, group));
}
