import { Counter } from 'prom-client';
import type { ApiDeps } from '../deps.ts';

/** As events of jobs tell them, once for each job that goes on. */
const OUTCOMES: ReadonlySet<unknown> = new Set(['hit', 'stale', 'waited', 'uncached']);

/** Counts what this controller decides about jobs that want a prepared image. */
export function countPreparedJobs({ journal, metrics }: Pick<ApiDeps, 'journal' | 'metrics'>): void {
  const jobs = new Counter({
    name: 'footman_prepared_jobs_total',
    help: 'Jobs that wanted a prepared image: hit, stale, waited, or uncached where they run its steps themselves.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  journal.subscribe((changes) => {
    for (const { kind, data } of changes) {
      const { outcome } = data;
      if (kind === 'job' && OUTCOMES.has(outcome)) jobs.inc({ outcome: String(outcome) });
    }
  });
}
