import type { Tx } from '#controller/events';
import { patchJob, sizeOfBuild, type Job } from '#controller/store';
import type { Value } from '#shared/expressions';
import { cellRows, insertJobRows } from './job-rows.ts';
import { limitRows } from './limit-rows.ts';

/**
 * Makes a job whose matrix is known now into its cells, at least one: its row becomes the first.
 *
 * @throws FootmanError `expression-failed` when the build would be too large
 */
export async function expandJob(tx: Tx, job: Job, cells: readonly Record<string, Value>[]): Promise<void> {
  const [first, ...others] = cellRows(job, cells);
  if (first === undefined) return;
  limitRows(others, await sizeOfBuild(tx.db, job.build_id));
  const { key, name, matrix = null } = first;
  await patchJob(tx.db, job.id, ['blocked'], { key, name, matrix });
  await insertJobRows(tx, others);
  for (const { id, key: cell } of [first, ...others]) {
    const data = { id, state: 'blocked', key: cell, result: null, reason: null };
    await tx.record({ kind: 'job', buildId: job.build_id, jobId: id, data });
  }
}
