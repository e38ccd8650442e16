import {
  callsStatusFunction,
  evaluateCondition,
  type Contexts,
  type EvaluateOptions,
  type Status,
} from '#shared/expressions';
import { bind } from './binding.ts';
import { naming } from './evaluated.ts';
import type { Condition } from '../pipeline.ts';

/**
 * Whether all conditions hold. Nothing runs after a failure unless its `if` asks for the status itself; where a template's user asks for it,
 * that goes for the template's own parts too.
 *
 * @throws FootmanError `expression-failed`, or `HashNeeded`
 */
export function conditionsHold(
  conditions: readonly Condition[],
  contexts: Contexts,
  status: Status,
  options: EvaluateOptions = {},
): boolean {
  const asksItself = conditions.some(({ text }) => callsStatusFunction(text));
  if (!asksItself && status !== 'success') return false;
  return conditions.every(({ text, binding }) =>
    naming('if', () => evaluateCondition(text, bind(contexts, binding), status, options)),
  );
}
