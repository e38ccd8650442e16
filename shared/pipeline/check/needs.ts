import type { Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { type Draft, entry, items } from '../draft.ts';
import { findCycles, type Needs } from './cycles.ts';

/** Each `needs` names another job, once, and no job waits for itself over others. */
export function checkNeeds(jobs: ReadonlyMap<string, Draft>, report: Report): void {
  const graph = new Map<string, Needs>();
  for (const [id, job] of jobs) graph.set(id, checkJob(id, job, jobs, report));
  for (const { ids, path } of findCycles(graph)) {
    report(path, `jobs wait for each other: ${ids.join(' needs ')}`, {
      hint: 'take one of these needs away',
    });
  }
}

/** The needs that can be followed. */
function checkJob(id: string, job: Draft, jobs: ReadonlyMap<string, Draft>, report: Report): Needs {
  const needs: Needs = new Map();
  for (const { path, value } of needsOf(job)) {
    if (typeof value !== 'string') continue;
    if (needs.has(value)) report(path, `"needs" names the job ${JSON.stringify(value)} twice`);
    else if (value === id) report(path, `the job ${JSON.stringify(id)} can't need itself`);
    else if (jobs.has(value)) needs.set(value, path);
    else report(path, `there is no job ${JSON.stringify(value)}`, { hint: hintFor(value, id, jobs) });
  }
  return needs;
}

/** What a job names under `needs`. */
export function needsOf(job: Draft): Draft[] {
  const needs = entry(job, 'needs');
  return typeof needs.value === 'string' ? [needs] : items(needs);
}

function hintFor(wanted: string, id: string, jobs: ReadonlyMap<string, Draft>): string | undefined {
  const others = [...jobs.keys()].filter((other) => other !== id);
  const [meant] = nearest(wanted, others, 1);
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  return others.length === 0 || others.length > 10 ? undefined : `the other jobs: ${others.join(', ')}`;
}
