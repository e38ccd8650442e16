/** A build, watched from its start to its end. */
export { followBuild } from './follow-build.ts';
export { leave } from './leave.ts';
export { prepareSource, type PreparedSource } from './prepare-source.ts';
export { reportBuild } from './report-build.ts';
export { viewFor } from './view-for.ts';
