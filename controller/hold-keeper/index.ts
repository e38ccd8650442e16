/** Looks after holds: who may have one, until when, and whom to tell. */
export { createHoldKeeper, type HoldKeeper } from './keeper.ts';
