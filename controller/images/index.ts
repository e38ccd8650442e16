/** Images of nodes: captured, verified, promoted, rolled back, removed. */
export {
  beginCapture,
  freshStream,
  freshVersion,
  nextNumber,
  PREPARED,
  type CaptureOrder,
} from './begin-capture.ts';
export { moveVersion, recordVersion } from './life-cycle.ts';
export { dropPointer, isOlder, promote, rollBack } from './pointer.ts';
