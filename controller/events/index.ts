/** Every change of state, written with the change itself, and told to whoever listens once it is committed. */
export { audit } from './audit.ts';
export type { Change, ChangeData } from './change.ts';
export { createJournal, type Journal, type Tx } from './journal.ts';
export { assertTransition, type Transitions } from './transitions.ts';
