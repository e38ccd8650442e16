/**
 * Step logs in the object storage, where they go some time after their jobs have ended. A log is one object in Zstandard's seekable format,
 * which `zstd -d` reads, and its index another, as it was on the disk.
 */
export { createLogArchiver, type LogArchiver } from './archiver.ts';
export { logKeysOf, logPrefixOf } from './blob-key.ts';
export { createLogArchive } from './log-archive.ts';
