/** Clouds and their templates, as text for people. */
export { templateRow } from './template-row.ts';
