/** What jobs left, on its way to this machine. */
export { choose, chooseOne, type Chosen } from './choose.ts';
export { downloadArtifacts } from './download.ts';
export { folderOf } from './folder-of.ts';
export { getArtifacts, type Got } from './get.ts';
export { createTransferProgress } from './progress.ts';
export { isOver, untilOver } from './until-over.ts';
