import {
  callsStatusFunction,
  evaluateCondition,
  type Contexts,
  type EvaluateOptions,
  type Status,
} from '#shared/expressions';
import { bind, readsContext } from './binding.ts';
import { naming } from './evaluated.ts';
import type { Condition, Template } from '../template.ts';

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
    naming('if', () => {
      // Only what it reads: another value that its template was given may not be known yet.
      const known = bind(contexts, binding, [asTemplate(text)]);
      return evaluateCondition(text, known, status, options);
    }),
  );
}

/** Whether the condition looks at the cell of its job's matrix, itself or by a value that its template was given. */
export function readsMatrix({ text, binding }: Condition): boolean {
  return readsContext('matrix', [asTemplate(text)], binding);
}

/** All of a condition is an expression, with `${{ }}` around it or without. */
function asTemplate(text: string): Template {
  const trimmed = text.trim();
  return trimmed.startsWith('${{') ? trimmed : `\${{ ${trimmed} }}`;
}
