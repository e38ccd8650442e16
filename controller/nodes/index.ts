/** Nodes: their life cycle, the reaper that ends it, and the sweep that finds what leaked. */
export {
  CheckReport,
  createRechecker,
  evaluate,
  orderCheck,
  reportOf,
  type CheckOutcome,
  type Rechecker,
} from './checks/index.ts';
export { createDoctor, type Doctor, type DoctorReport } from './doctor/index.ts';
export { drainNodes } from './drain.ts';
export {
  NODE_TRANSITIONS,
  UNLEASED,
  failNode,
  moveNode,
  retireNode,
  retireUnleased,
  retireUploaded,
  type Mishap,
} from './life-cycle.ts';
export { limited } from './limited.ts';
export { createMachine, type Machine } from './machine.ts';
export { createConsoleKeeper, type KeepConsole } from './reports.ts';
export { createReaper, type Reaper } from './reaper.ts';
export { createLeakBook, createSweep, IMAGE_LEAK, type Sweep, type SweepSettings } from './sweep/index.ts';
export type { TeardownSettings } from './teardown-settings.ts';
