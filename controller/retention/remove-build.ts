import type { Blobs } from '#controller/blobs';
import { logKeysOf, logPrefixOf } from '#controller/log-archive';
import { deleteBuild, remainsOf, type GoingBuild, type Store } from '#controller/store';
import { removeArtifactObjects, removeEach, removePrefix } from './remove-objects.ts';

interface Task {
  store: Store;
  blobs: Blobs;
  /** Removes the build's logs from the disk of this controller. */
  removeLogs(build: string): Promise<void>;
  signal: AbortSignal;
}

/**
 * Removes a build that nobody finds any more: its objects, its logs, then its rows, in one transaction. Each step may be taken again, and the
 * row that says that the build is to go is the last: whoever dies in between leaves it to the next run. Sources are left to the sweep, for other
 * builds may be of the same, or come to be.
 */
export async function removeBuild(task: Task, { id }: GoingBuild): Promise<void> {
  const { store, blobs, removeLogs, signal } = task;
  const { artifacts, logs } = await remainsOf(store.db, id);
  for (const artifact of artifacts) await removeArtifactObjects({ db: store.db, blobs, signal }, artifact);
  const keys = logs.flatMap((name) => Object.values(logKeysOf(name)));
  await removeEach(blobs, keys, signal);
  await removePrefix(blobs, logPrefixOf(id), signal);
  await removeLogs(id);
  signal.throwIfAborted();
  await deleteBuild(store.db, id);
}
