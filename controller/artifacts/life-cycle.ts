import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { swapState, type Artifact, type ArtifactState, type Job, type NewArtifact } from '#controller/store';

/**
 * The life of an artifact. Its state never changes its job's result (L14).
 *
 * `pending`     its job has not come to it
 * `collecting`  the agent uploads; nobody sees a file
 * `waiting`     the storage was in trouble, or slow, when its job ended: its files stay on the node until they are stored, or its time is up
 * `complete`    all files are in the storage, and visible at once; they never change
 * `empty`       its globs matched nothing
 * `failed`      the reason stands in the row; nothing is visible
 * `expiring`    its time is over: nothing is visible, its objects are being removed
 * `expired`     they are gone
 */
const TRANSITIONS: Transitions<ArtifactState> = {
  pending: ['collecting', 'failed', 'empty'],
  collecting: ['complete', 'empty', 'failed', 'waiting'],
  waiting: ['complete', 'empty', 'failed'],
  complete: ['expiring'],
  empty: [],
  failed: [],
  expiring: ['expired'],
  expired: [],
};

/** Moves the artifact by compare-and-swap; undefined means that it was in none of the states `from`, and nothing happened. */
export async function moveArtifact(
  tx: Tx,
  job: Pick<Job, 'id' | 'build_id'>,
  id: string,
  from: readonly ArtifactState[],
  to: ArtifactState,
  set: Partial<NewArtifact> = {},
): Promise<Artifact | undefined> {
  assertTransition('artifact', TRANSITIONS, from, to);
  const artifact = await swapState(tx.db, 'artifacts', id, from, to, set, tx.at);
  if (artifact === undefined) return undefined;
  const { name, role, reason, files, bytes } = artifact;
  await tx.record({
    kind: 'artifact',
    buildId: job.build_id,
    jobId: job.id,
    data: { id, state: to, name, role, reason, files, bytes },
  });
  return artifact;
}
