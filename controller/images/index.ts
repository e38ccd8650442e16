/** Images of nodes: captured, verified, promoted, rolled back, removed. */
export {
  beginCapture,
  beginHeldCapture,
  freshStream,
  freshVersion,
  isHeldMachine,
  nextNumber,
  PREPARED,
  type CaptureOrder,
} from './begin-capture.ts';
export { createExports, type Exports } from './exports.ts';
export { type ExportedFile } from './export-image.ts';
export { type ImportTarget } from './import-image.ts';
export { createVersionKeeper, type VersionKeeper } from './keeper.ts';
export { moveVersion } from './life-cycle.ts';
export { dropPointer, promote, rollBack } from './pointer.ts';
export { ageOf, isOverdue } from './overdue.ts';
export { createVersionRemover, type VersionRemover } from './remover.ts';
export { planRemovals, type Removal, type RetentionSettings } from './retention.ts';
export { retireVersion } from './retire.ts';
