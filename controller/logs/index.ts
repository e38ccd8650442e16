/**
 * Step logs: append-only, one file for each step on the local disk, with a sparse index by line and time beside it. Some time after its job
 * has ended, a log is in the archive instead.
 *
 * Words: *stored* is what the operating system took (it survives the controller's death); a log is *complete* once its writer said so,
 * and never changes again. Lines and offsets count from 0. A last line without a newline counts as a line.
 */
export type { ArchivedLog, LogArchive } from './archive.ts';
export { logKey, type LogId } from './log-id.ts';
export type { LogRange } from './log-range.ts';
export type { LogWriter } from './log-writer.ts';
export { createLogs, type Logs } from './logs.ts';
export type { SealedLog } from './seal.ts';
export type { LogMatch, LogMatches, LogSearch } from './search.ts';
