import type { JobSummary } from '#controller/api';
import type { JobsQuery } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { printTable } from '../print-table.ts';
import { formatSpan, formatTime, paintState } from '../terminal/index.ts';

/** Lists jobs of all builds. Columns: BUILD/JOB, attempt, result or state, pipeline, project, branch, when it was queued, how long it took, reason. */
export async function jobs(context: Context, query: JobsQuery): Promise<number> {
  const list = await withClient(context, (client) => client.jobs(query));
  await printTable(context, list, {
    header: ['job', 'attempt', 'result', 'pipeline', 'project', 'branch', 'queued', 'took', 'reason'],
    rows: list.jobs.map((job) => rowOf(job, context)),
    none: 'There are no such jobs.',
  });
  return 0;
}

function rowOf(job: JobSummary, { style }: Context): string[] {
  return [
    `${job.build}/${job.key}`,
    String(job.attempt),
    paintState(style, job.state, job.result),
    job.pipeline,
    job.project ?? '',
    job.branch ?? '',
    job.queuedAt === null ? '' : formatTime(job.queuedAt),
    formatSpan(job.startedAt, job.finishedAt, Date.now()),
    job.reason ?? '',
  ];
}
