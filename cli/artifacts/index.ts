/** What jobs left, on its way to this machine. */
export { choose, chooseOne, requireComplete, type Chosen } from './choose.ts';
export { downloadArtifacts } from './download.ts';
export { folderOf } from './folder-of.ts';
export { getArtifacts, type Got } from './get.ts';
export { missingPath } from './missing-path.ts';
export { createTransferProgress } from './progress.ts';
export { isOver } from './is-over.ts';
export { untilOver } from './until-over.ts';
