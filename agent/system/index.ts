/** The node's operating system: pipes, processes, folders, facts. */
export { availableMemory } from './available-memory.ts';
export { BOOT_VARIABLE } from './boot-id.ts';
export { killDescendants, reapOrphans } from './descendants.ts';
export { findFacts } from './facts.ts';
export { freeBytes } from './free-bytes.ts';
export { makeFolders, type Folders } from './folders.ts';
export { loadLibc, type Libc } from './libc.ts';
export { openOutputPipe, type OutputPipe } from './output-pipe.ts';
export { signalGroup } from './process-group.ts';
export { openPty } from './pty.ts';
