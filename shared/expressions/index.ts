/**
 * Expressions: what stands in `${{ }}` and in `if`, in GitHub's language.
 *
 * Terms: a _template_ is text that may hold `${{ }}`; a _condition_ is the text of an `if`; a _context_ is a named value such as
 * `build`; a _place_ says which contexts and functions a field may use.
 */
export { checkCondition, checkTemplate } from './check.ts';
export { evaluateCondition, evaluateTemplate, evaluateText, isTemplate } from './evaluate.ts';
export type { PlaceFunction } from './functions.ts';
export { HashNeeded } from './hash-needed.ts';
export type { EvaluateOptions } from './place-functions.ts';
export type { Place } from './place.ts';
export type { ExpressionProblem } from './problem.ts';
export { callsStatusFunction, referencesIn, type Reference } from './references.ts';
export { CONTEXTS, type ContextName, type Contexts, type Status, type Value } from './value.ts';
