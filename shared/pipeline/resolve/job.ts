import type { Contexts } from '#shared/expressions';
import { bind } from './binding.ts';
import { createEvaluator } from './evaluated.ts';
import { labelExpression } from '../schema/fields.ts';
import type { Job } from '../pipeline.ts';
import { resolveConcurrency, type ResolvedConcurrency } from './concurrency.ts';
import { resolveEnv } from './env.ts';

export interface ResolvedJob {
  name: string;
  /** A label expression that parses. */
  runsOn: string;
  env: Record<string, string>;
  timeoutMs: number;
  continueOnError: boolean;
  concurrency: ResolvedConcurrency | null;
}

/**
 * The templates of a job that is about to be queued. The contexts are `build`, `parameters`, `env`, `matrix` and `needs`.
 *
 * @throws FootmanError `expression-failed`
 */
export function resolveJob(job: Job, outside: Contexts): ResolvedJob {
  const contexts = bind(outside, job.binding);
  const env = resolveEnv(job.env, contexts);
  const inside = { ...contexts, env: { ...mappingOf(contexts.env), ...env } };
  const evaluator = createEvaluator(inside);
  return {
    name: evaluator.label(job.name, job.id),
    runsOn: evaluator.as(labelExpression, job.runsOn, 'runs-on'),
    env,
    timeoutMs: evaluator.duration(job.timeoutMs, 'timeout'),
    continueOnError: evaluator.flag(job.continueOnError, 'continue-on-error'),
    concurrency: job.concurrency === undefined ? null : resolveConcurrency(job.concurrency, inside),
  };
}

function mappingOf(env: Contexts['env']): object {
  return typeof env === 'object' && env !== null ? env : {};
}
