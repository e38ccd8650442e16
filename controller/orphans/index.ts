/** Objects in the storage that nobody needs any more, because whoever put them there died before saying so. */
export { findOpenUploads, findOrphans } from './find.ts';
export { requireOwn } from './owner.ts';
export { createOrphanSweep, type OrphanSweep } from './sweep.ts';
