import type { LogId } from '#controller/logs';
import { archivedBytes, setArchivedBytes } from '#controller/store';
import type { ArchiveDeps } from './archive-log.ts';

const BATCH = 500;

/**
 * Removes files of logs that are in the storage: a controller was killed before it could. A log that was taken for one without bytes, and
 * has some on this disk, goes to the storage yet.
 */
export async function clearLeftovers(deps: ArchiveDeps, signal: AbortSignal): Promise<void> {
  let batch: LogId[] = [];
  for await (const id of deps.logs.onDisk()) {
    signal.throwIfAborted();
    batch.push(id);
    if (batch.length < BATCH) continue;
    await clear(deps, batch);
    batch = [];
  }
  await clear(deps, batch);
}

async function clear({ store, logs }: ArchiveDeps, batch: readonly LogId[]): Promise<void> {
  const places = await archivedBytes(
    store.db,
    batch.map(({ step }) => step),
  );
  for (const id of batch) {
    const bytes = places.get(id.step) ?? null;
    if (bytes === null) continue;
    if (bytes === 0 && (await logs.size(id)).bytes > 0) await setArchivedBytes(store.db, id.step, 0, null);
    else await logs.remove(id);
  }
}
