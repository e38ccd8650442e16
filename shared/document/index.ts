/** YAML documents that people write: every mistake at once, each at its line and column. */
export type { Document, Where } from './document.ts';
export type { Path } from './place.ts';
export type { Position, Problem, ProblemCode } from './problem.ts';
export { formatProblem } from './problem.ts';
export { type Check, type Parsed, parseDocument, type Report, type Strangers } from './parse-document.ts';
