import type { Journal, Tx } from '#controller/events';
import { findVersion, lockStream, type ImageVersion, type StreamId } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { isPointedAt, versionsInUse } from './in-use.ts';
import { moveVersion } from './life-cycle.ts';
import { dropPointer } from './pointer.ts';
import { planRemovals, type Removal, type RetentionSettings } from './retention.ts';

/**
 * Somebody wants the version gone: nobody gets it from here on, and its cloud is asked to remove it soon. Idempotent.
 *
 * @throws FootmanError `not-found`, or `conflict` for one that somebody needs, or that is not done yet
 */
export async function retireVersion(tx: Tx, id: string, reason: string): Promise<ImageVersion> {
  const found = await findVersion(tx.db, id);
  if (found === undefined) throw new FootmanError('not-found', `there is no image version ${id}`);
  const stream = await lockStream(tx.db, streamOf(found));
  // Read anew behind the lock: somebody may have promoted it.
  const version = (await findVersion(tx.db, id)) ?? found;
  const { name, state } = version;
  if (state === 'failed' || state === 'retired' || state === 'deleting' || state === 'deleted')
    return version;
  if (state !== 'ready')
    throw new FootmanError('conflict', `${name} can't be removed: it is ${state}`, {
      hint: 'cancel the build that makes it, or wait for its end',
    });
  if (stream !== undefined && isPointedAt(stream, version)) {
    const which = stream.current === id ? 'current' : 'previous';
    const hint =
      stream.kind === 'prepared'
        ? `footman image invalidate ${stream.title ?? stream.name} lets nobody start from it any more`
        : 'promote another version first';
    throw new FootmanError('conflict', `${name} can't be removed: it is the stream's ${which} one`, { hint });
  }
  const use = (await versionsInUse(tx.db)).get(id);
  if (use !== undefined) throw new FootmanError('conflict', `${name} can't be removed: ${use}`);
  return (await moveVersion(tx, id, ['ready'], 'retired', { reason })) ?? version;
}

/** Of one stream, has all go that retention says, as it is behind the stream's lock: a node may have been intended meanwhile. */
export async function retireOutlived(
  journal: Journal,
  id: StreamId,
  settings: RetentionSettings,
): Promise<Removal[]> {
  return journal.commit(async (tx) => {
    const stream = await lockStream(tx.db, id);
    const removals = (await planRemovals(tx.db, tx.at, settings)).filter(
      ({ version }) => version.stream === id.name && version.cloud === id.cloud,
    );
    for (const { version, reason } of removals) {
      if (stream?.current === version.id) await dropPointer(tx, id);
      if (version.state === 'ready') await moveVersion(tx, version.id, ['ready'], 'retired', { reason });
      await condemn(tx, version.id);
    }
    return removals;
  });
}

/** What somebody retired goes as soon as nothing stands on it. */
export async function condemnRetired(journal: Journal, version: ImageVersion): Promise<void> {
  await journal.commit(async (tx) => {
    await lockStream(tx.db, streamOf(version));
    if (!(await versionsInUse(tx.db)).has(version.id)) await condemn(tx, version.id);
  });
}

async function condemn(tx: Tx, id: string): Promise<void> {
  await moveVersion(tx, id, ['failed', 'retired'], 'deleting', { failures: 0, due_at: tx.at });
}

function streamOf({ stream: name, cloud }: ImageVersion): StreamId {
  return { name, cloud };
}
