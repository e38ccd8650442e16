/** Prepared images: which one a job starts from, and the builds that make those that are missing. */
export { createPreparer, type Preparer } from './preparer.ts';
export { createRefs, type Refs } from './refs.ts';
