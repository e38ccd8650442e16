import type { JobSummary } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { duration } from '#shared/quantity';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatSpan, formatTable, formatTime, paintState } from '../terminal/index.ts';

export interface JobsOptions {
  limit: number;
  project?: string;
  pipeline?: string;
  branch?: string;
  state?: string;
  result?: string;
  since?: string;
  until?: string;
  label?: string[];
  node?: string;
  test?: string;
}

/** Lists jobs of all builds. Columns: BUILD/JOB, attempt, result or state, pipeline, project, branch, when it was queued, how long it took, reason. */
export async function jobs(context: Context, { since, until, ...query }: JobsOptions): Promise<number> {
  const times = {
    ...(since === undefined ? {} : { since: toTime(since) }),
    ...(until === undefined ? {} : { until: toTime(until) }),
  };
  const list = await withClient(context, (client) => client.jobs({ ...query, ...times }));
  if (context.options.json === true) {
    await printJson(context, list);
    return 0;
  }
  const { out, style } = context;
  const rows = list.jobs.map((job) => rowOf(job, context));
  if (rows.length === 0 && out.isTerminal) await out.write('There are no such jobs.\n');
  const header = ['job', 'attempt', 'result', 'pipeline', 'project', 'branch', 'queued', 'took', 'reason'];
  if (rows.length > 0) await out.write(formatTable(header, rows, { isTerminal: out.isTerminal, style }));
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

/** A time, or how long ago. */
function toTime(text: string): number {
  const age = duration.safeParse(text);
  if (age.success) return Date.now() - age.data;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new FootmanError('request-invalid', `${JSON.stringify(text)} is neither a time nor a duration`, {
    hint: 'write for example 2026-01-31T17:00:00Z, or 12h for so long ago',
  });
}
