/** Compressed objects in which any place can be read without what is before it: archives and logs. `zstd -d` reads them too. */
export { MAX_WINDOW_LOG } from './format.ts';
export type { ReadRange } from './read-range.ts';
export { readBetween } from './read-between.ts';
export { readSeekTable, type SeekTable } from './seek-table.ts';
export { createSeekableWriter, type SeekableWriter } from './writer.ts';
