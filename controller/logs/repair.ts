import type { FileHandle } from 'node:fs/promises';
import { readBetween, writeFully } from './files.ts';
import { createGrowth, type Growth } from './growth.ts';
import { RECORD_BYTES } from './index-record.ts';
import { indexEnd, START } from './log-index.ts';

/** What the disk really holds, and where the next record of the index goes. */
export interface Repaired {
  growth: Growth;
  indexBytes: number;
  complete: boolean;
}

/**
 * Makes the index agree with the log, which alone is the truth: drops records that don't fit, and reads what the index doesn't cover,
 * which is at most what was being written when the controller died. The log itself is never cut: all of it may have been acknowledged.
 */
export async function repair(log: FileHandle, index: FileHandle): Promise<Repaired> {
  const { size } = await log.stat();
  const { count, last = START } = await indexEnd(index, size);
  await index.truncate(count * RECORD_BYTES);
  const growth = createGrowth(last);
  if (last.kind === 'complete') return { growth, indexBytes: count * RECORD_BYTES, complete: true };

  const missing: Buffer[] = [];
  // Nobody knows when these bytes came; the last known time keeps a search by time from missing them.
  for await (const bytes of readBetween(log, last.offset, size)) {
    const record = growth.add(last.time, bytes);
    if (record !== undefined) missing.push(record);
  }
  await writeFully(index, missing, count * RECORD_BYTES);
  return { growth, indexBytes: (count + missing.length) * RECORD_BYTES, complete: false };
}
