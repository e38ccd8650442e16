/**
 * Label expressions, as in Jenkins: which templates may a job run on?
 *
 * Terms: a _label_ is a word that a template carries. An _atom_ is a label named in an expression.
 * An expression matches a set of labels, or it doesn't; an _explanation_ says why.
 */
export { atomsOf } from './atoms.ts';
export { explain, type Explanation } from './explain.ts';
export type { LabelExpression } from './expression.ts';
export { format } from './format.ts';
export { formatLabels, parseLabels } from './label-list.ts';
export { matches } from './matches.ts';
export { parseLabelExpression, tryParseLabelExpression, type ParsedLabelExpression } from './parse.ts';
export type { LabelProblem } from './problem.ts';
export { sentenceOf } from './sentence.ts';
export { verdictOn, type Verdict } from './verdict.ts';
export { nearest as nearestLabels } from '#shared/nearest';
