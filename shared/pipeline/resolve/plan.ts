import type { Value } from '#shared/expressions';
import { cellKey } from './cell-key.ts';
import type { Cell } from './matrix.ts';
import type { Job, Pipeline, Retry } from '../pipeline.ts';
import type { Condition } from '../template.ts';
import { planCells, planFields, withEnv, type Foreknown } from './plan-job.ts';
import { secretsOfJob } from './secrets-of-job.ts';
import { stepsOfJob } from './steps-of-job.ts';

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
  const known = withEnv({ contexts: { parameters }, env: {}, unknownEnv: new Set() }, pipeline.env);
  return { name: pipeline.name, jobs: pipeline.jobs.flatMap((job) => planJob(job, known)) };
}

function planJob(job: Job, known: Foreknown): PlannedJob[] {
  const { matrix } = job;
  if (matrix === undefined) return [planCell(job, job.id, withCell(known, {}), [])];
  const cells = planCells(matrix, known);
  if (cells === undefined) return [planCell(job, job.id, known, ['matrix'])];
  return cells.map((cell) => planCell(job, cellKey(job.id, cell), withCell(known, cell), []));
}

function withCell(known: Foreknown, matrix: Cell): Foreknown {
  return { ...known, contexts: { ...known.contexts, matrix } };
}

function planCell(job: Job, key: string, known: Foreknown, before: string[]): PlannedJob {
  const { name, runsOn, timeout, later } = planFields(job, known);
  return {
    key,
    base: job.id,
    name: name === job.id ? key : name,
    runsOn,
    needs: job.needs,
    conditions: job.conditions.map(plainCondition),
    timeout,
    retry: job.retry ?? null,
    secrets: secretsOfJob(job),
    steps: stepsOfJob(job).map(({ phase, step: { name } }) => ({ phase, name })),
    later: [...before, ...later],
  };
}

function plainCondition({ text }: Condition): string {
  return text
    .trim()
    .replace(/^\$\{\{([\s\S]*)\}\}$/, '$1')
    .trim();
}
