import { FootmanError } from '#shared/errors';
import { isTemplate, type Contexts, type Value } from '#shared/expressions';
import { cellKey } from './cell-key.ts';
import { expandMatrix, isDynamicMatrix } from './matrix.ts';
import type { Condition, Job, Pipeline, Retry, Step } from './pipeline.ts';
import { resolveEnv } from './resolve-env.ts';
import { resolveJob } from './resolve-job.ts';
import { secretsOfJob } from './secrets-of-job.ts';

/** What a build of the pipeline would be, as far as that can be told before it runs. */
export interface Plan {
  name: string;
  jobs: PlannedJob[];
}

/** A job, or one cell of its matrix. */
export interface PlannedJob {
  key: string;
  base: string;
  name: string;
  /** A label expression; its template, where it is known only at run time. */
  runsOn: string;
  needs: string[];
  /** As they are written, without `${{ }}`. */
  conditions: string[];
  /** In milliseconds; a template where it is known only at run time. */
  timeout: number | string;
  retry: Retry | null;
  secrets: string[];
  steps: { phase: string; name: string }[];
  /** What is known only at run time, such as `matrix` and `runs-on`. */
  later: string[];
}

/** Every job after its matrix, in the order of the file. `parameters` are checked values. */
export function planOf(pipeline: Pipeline, parameters: Record<string, Value>): Plan {
  const before: Contexts = { build: {}, parameters, env: {} };
  const env = attempt(() => resolveEnv(pipeline.env, before)) ?? {};
  const contexts = { ...before, env };
  return { name: pipeline.name, jobs: pipeline.jobs.flatMap((job) => planJob(job, contexts)) };
}

function planJob(job: Job, contexts: Contexts): PlannedJob[] {
  const { matrix } = job;
  if (matrix === undefined) return [planCell(job, job.id, contexts, [])];
  const cells = isDynamicMatrix(matrix) ? undefined : attempt(() => expandMatrix(matrix, contexts));
  if (cells === undefined) return [planCell(job, job.id, contexts, ['matrix'])];
  return cells.map((cell) => planCell(job, cellKey(job.id, cell), { ...contexts, matrix: cell }, []));
}

function planCell(job: Job, key: string, contexts: Contexts, later: string[]): PlannedJob {
  const isKnown = later.length === 0;
  // Without `needs`, whatever reads it fails: it is left as it is written.
  const resolved = isKnown ? attempt(() => resolveJob(job, contexts)) : undefined;
  const fields = { name: job.name, 'runs-on': job.runsOn, timeout: job.timeoutMs };
  const open = Object.entries(fields).filter(([, value]) => typeof value === 'string' && isTemplate(value));
  return {
    key,
    base: job.id,
    name: resolved === undefined || resolved.name === job.id ? key : resolved.name,
    runsOn: resolved?.runsOn ?? job.runsOn,
    needs: job.needs,
    conditions: job.conditions.map(plainCondition),
    timeout: resolved?.timeoutMs ?? job.timeoutMs,
    retry: job.retry ?? null,
    secrets: secretsOfJob(job),
    steps: [
      ...job.steps.map((step) => planStep('main', step)),
      ...job.post.steps.map(({ when, step }) => planStep(when, step)),
    ],
    later: [...later, ...(resolved === undefined ? open.map(([field]) => field) : [])],
  };
}

function planStep(phase: string, { name }: Step): PlannedJob['steps'][number] {
  return { phase, name };
}

function plainCondition({ text }: Condition): string {
  return text
    .trim()
    .replace(/^\$\{\{([\s\S]*)\}\}$/, '$1')
    .trim();
}

/** Undefined where it can't be evaluated yet. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'expression-failed') return undefined;
    throw error;
  }
}
