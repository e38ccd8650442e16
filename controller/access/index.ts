/** Access to held nodes: who may open a session, what is noted of it, and its end with the hold. */
export { createAccess } from './access.ts';
export type { Access, Door, Opening, Session, Visitor, Watch } from './contract.ts';
export { createRecordings, type Recordings } from './recordings.ts';
