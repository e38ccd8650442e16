/** The state of a git work tree as the source of a build. */
export { createBundle, type Bundle } from './bundle.ts';
export { snapshotWorkTree, type Snapshot } from './work-tree.ts';
