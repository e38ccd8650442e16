/** A build, watched from its start to its end. */
export { followBuild } from './follow-build.ts';
export { labelOf } from './labels.ts';
export { leave } from './leave.ts';
export { prepareSource, type PreparedSource } from './prepare-source.ts';
export { INTERRUPTS_HEARD, runToEnd } from './run-to-end.ts';
export { startBuild } from './start-build.ts';
export { viewFor } from './view-for.ts';
