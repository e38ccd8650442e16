/** Reboots of nodes' machines in the middle of their jobs. */
export { createRebootKeeper, type RebootKeeper } from './keeper.ts';
export { beginReboot, endReboot } from './life-cycle.ts';
export { createReviver, type Reviver } from './reviver.ts';
