/** Outcomes, for people and for programs. */
export { toJson } from './json.ts';
export { toTable } from './table.ts';
