import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { swapState, type ImageVersion, type VersionState } from '#controller/store';

/**
 * The life of an image version.
 *
 * `capturing`  the intent is in the store, under the version's name; its cloud is being asked for the capture, or for an import
 * `candidate`  the image is there and whole; nobody has looked at it
 * `verifying`  a job runs on a node that was started from it
 * `ready`      it was verified; it may be promoted, and it is what nodes get while the stream's pointer names it
 * `failed`     the capture or the verification failed; the reason stands in the row
 * `retired`    nobody gets it any more, and it is to go as soon as nothing stands on it
 * `deleting`   its cloud is being asked to remove it
 * `deleted`    the cloud confirmed that
 *
 * Every version that is not `deleted` may have something in its cloud, so `failed` ones are removed, too.
 */
const TRANSITIONS: Transitions<VersionState> = {
  capturing: ['candidate', 'failed'],
  candidate: ['verifying', 'ready', 'failed'],
  verifying: ['ready', 'failed'],
  ready: ['retired'],
  failed: ['deleting'],
  retired: ['deleting'],
  deleting: ['deleted'],
  deleted: [],
};

/** Moves the version by compare-and-swap; undefined means that it was in none of the states `from`, and nothing happened. */
export async function moveVersion(
  tx: Tx,
  id: string,
  from: readonly VersionState[],
  to: VersionState,
  set: Partial<Omit<ImageVersion, 'id' | 'state' | 'state_since'>> = {},
): Promise<ImageVersion | undefined> {
  assertTransition('image version', TRANSITIONS, from, to);
  const version = await swapState(tx.db, 'image_versions', id, from, to, set, tx.at);
  if (version !== undefined) await recordVersion(tx, version);
  return version;
}

/** Tells everybody how the version is now. */
export async function recordVersion(tx: Tx, version: ImageVersion): Promise<void> {
  const { id, state, stream, cloud, number, name, reason, build_id: buildId, job_id: jobId } = version;
  await tx.record({
    kind: 'image',
    buildId,
    jobId,
    data: { id, state, stream, cloud, number, name, reason },
  });
}
