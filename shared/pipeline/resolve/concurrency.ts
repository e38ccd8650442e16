import type { Contexts } from '#shared/expressions';
import { createEvaluator } from './evaluated.ts';
import { name } from '../schema/fields.ts';
import type { Concurrency } from '../pipeline.ts';

export interface ResolvedConcurrency {
  group: string;
  limit: number;
  cancelInProgress: boolean;
}

/** @throws FootmanError `expression-failed` */
export function resolveConcurrency(
  { group, limit, cancelInProgress }: Concurrency,
  contexts: Contexts,
): ResolvedConcurrency {
  const evaluator = createEvaluator(contexts);
  return {
    group: evaluator.as(name, group, 'concurrency.group'),
    limit,
    cancelInProgress: evaluator.flag(cancelInProgress, 'concurrency.cancel-in-progress'),
  };
}
