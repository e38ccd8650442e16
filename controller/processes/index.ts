/** Processes of the controller's machine that it did not start in this life: looked at in `/proc`, and ended. */
export { endProcesses } from './end-processes.ts';
export {
  isRunning,
  readBootId,
  readProcess,
  readUptimeTicks,
  sendSignal,
  type KernelProcess,
  type ProcessIdentity,
} from './kernel-process.ts';
export { readProcessTable } from './process-table.ts';
