import { checkExpressions } from './expressions.ts';
import { checkJob } from './job.ts';
import { checkEnv, checkJobIds } from './names.ts';
import { checkNeeds, needsOf } from './needs.ts';
import { checkDeclarations } from './parameter.ts';
import { checkTaken } from './taken.ts';
import { checkText } from './text.ts';
import { untrustedVariables } from './untrusted.ts';
import { type Draft, entries, entry, isMapping } from '../draft.ts';
import { MAX_JOBS } from '../limits.ts';
import { PIPELINE_PLACES } from './places.ts';
import type { Workshop } from './workshop.ts';

/** What the schema can't say of a pipeline: names of keys, expressions, and what must fit together across steps and jobs. */
export function checkPipeline(workshop: Workshop): void {
  const { document, report, expansions } = workshop;
  const root: Draft = { path: [], value: document.value };
  const jobs = entries(entry(root, 'jobs'));
  const env = entry(root, 'env');
  const parameters = entry(entry(entry(root, 'on'), 'manual'), 'parameters');
  checkText(root, report);
  checkEnv(env, report);
  checkDeclarations(parameters, report);
  checkJobIds(entry(root, 'jobs'), report);
  // More jobs than that are a problem of its own, and their cycles could cost too much.
  if (jobs.size <= MAX_JOBS) {
    checkNeeds(jobs, report);
    checkTaken(jobs, workshop);
  }

  const scope = { parameters: [...entries(parameters).keys()], untrusted: untrustedVariables(env) };
  const everything = { ...scope, matrix: 'unknown', needs: new Map(), steps: [] } as const;
  checkExpressions(root, PIPELINE_PLACES, everything, report);
  const outputs = new Map([...jobs].map(([id, job]) => [id, outputsOf(expansions.ownJob(job))]));
  const defaultsRunsOn = entry(entry(root, 'defaults'), 'runs-on').value;
  for (const [id, job] of jobs) {
    const needs = needsOf(job).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    checkJob(job, { ...scope, needs: new Map(needs.map((id) => [id, outputs.get(id)])) }, workshop);
    if (defaultsRunsOn === undefined) checkRunsOn(id, job, workshop);
  }
}

function outputsOf(job: Draft | undefined): string[] | undefined {
  return job === undefined ? undefined : [...entries(entry(job, 'outputs')).keys()];
}

/** Which nodes may run the job is said by the job, by its template, or by the defaults. */
function checkRunsOn(id: string, job: Draft, { report, expansions }: Workshop): void {
  const own = expansions.ownJob(job);
  if (own === undefined || !isMapping(own.value) || Object.hasOwn(own.value, 'runs-on')) return;
  if (own !== job) {
    const hint = 'add it to the template, or to "defaults"';
    report(entry(job, 'uses').path, 'the template has no "runs-on"', { hint });
    return;
  }
  report(entry(job, 'runs-on').path, `"runs-on" is missing in ${JSON.stringify(id)}`, {
    hint: 'which nodes may run the job: a label expression such as docker, or linux && !arm',
  });
}
