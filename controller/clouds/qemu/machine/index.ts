/**
 * Machines: QEMU processes of the controller's machine, each with a folder of its own. All is told in arguments; nothing here knows of
 * templates, records or agents.
 */
export { chooseAccelerator } from './accelerator.ts';
export {
  qemuArguments,
  type Accelerator,
  type MachineNetwork,
  type MachineSpec,
  type SavedState,
} from './command-line.ts';
export { troubleOf, whileBooting } from './condition.ts';
export { readMachineConsole } from './console.ts';
export { makeOverlay, qemuImg, readImage, type ImageFile } from './disk.ts';
export { connectIn, listenIn } from './folder-socket.ts';
export { freePort } from './free-port.ts';
export { CHANNEL, machineFolder, type MachineFolder } from './machine-folder.ts';
export { endMachine, readMachineProcesses, type MachineProcess } from './machine-process.ts';
export { pressPowerButton, readStatus, resetMachine, waitForPowerOff } from './power.ts';
export { withQmp, type Qmp } from './qmp.ts';
export {
  hostnameOf,
  RUNTIME_LABEL,
  userAddress,
  type SeedContent,
  type StaticAddress,
} from './seed-documents.ts';
export { writeSeed } from './seed.ts';
export { startMachine, type StartResult } from './start-machine.ts';
export type { MachineTag } from './tag.ts';
