import type { Blobs } from '#controller/blobs';
import type { Logger } from '#controller/logger';
import type { LogId, Logs } from '#controller/logs';
import { archivedBytes, setArchivedBytes, type Store, type UnarchivedLog } from '#controller/store';
import { putLog, removeLog } from './put-log.ts';

export interface ArchiveDeps {
  store: Store;
  logs: Logs;
  blobs: Blobs;
  logger: Logger;
}

/**
 * Takes a log from the disk to the storage: the objects, then the row, then the files. Whoever is killed in between leaves a log that is
 * read from where the row says it is, and does the rest at its next start; doing it again changes nothing. Returns the bytes that it takes
 * in the storage.
 *
 * @throws FootmanError `conflict` while somebody writes the log; whatever the storage throws
 */
export async function archiveLog(
  { store, logs, blobs, logger }: ArchiveDeps,
  { build, job, step, log_bytes: expected }: UnarchivedLog,
  signal: AbortSignal,
): Promise<number> {
  const id: LogId = { build, job, step };
  const log = await logs.seal(id);
  if (log === undefined && expected > 0)
    logger.warn({ ...id, bytes: expected }, 'a log is neither on the disk nor in the storage');
  const bytes = log === undefined || log.size.bytes === 0 ? 0 : await putLog(blobs, id, log, signal);
  if (await setArchivedBytes(store.db, step, null, bytes)) await logs.remove(id);
  // Its build was removed meanwhile. If not, another controller was first, and the objects are its own as well.
  else if (!(await archivedBytes(store.db, [step])).has(step)) await removeLog(blobs, id, signal);
  return bytes;
}
