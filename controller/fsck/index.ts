/** Whether the storage has what the rows say it has. */
export { createFsck, type Fsck } from './fsck.ts';
export type { FsckLine } from './report.ts';
