import type { Contexts } from '#shared/expressions';
import { bind } from './binding.ts';
import { createEvaluator } from './evaluated.ts';
import { cacheKey } from '../schema/fields.ts';
import type { Job } from '../pipeline.ts';
import { resolveStep, type ResolvedStep } from './step.ts';

export interface ResolvedPrepare {
  /** As its author declared it; null where there is none. */
  key: string | null;
  /** None of a job that has nothing prepared. */
  steps: ResolvedStep[];
}

/**
 * What is done once for a job and others like it, before anything of the job has begun. The contexts are `build`, `parameters`, `env`
 * and `matrix`; what a template was given may read `needs`, too.
 *
 * @throws FootmanError `expression-failed`
 */
export function resolvePrepare(
  { prepare, binding }: Pick<Job, 'prepare' | 'binding'>,
  contexts: Contexts,
): ResolvedPrepare {
  const { key, steps = [] } = prepare ?? {};
  return {
    key: key === undefined ? null : resolveKey(key, bind(contexts, binding, [key])),
    steps: steps.map((step) => resolveStep(step, contexts)),
  };
}

function resolveKey(key: string, contexts: Contexts): string {
  return createEvaluator(contexts).as(cacheKey, key, 'prepare.key');
}
