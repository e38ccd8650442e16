import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { swapState, type Artifact, type ArtifactState, type Job, type NewArtifact } from '#controller/store';

/**
 * The life of an artifact. Its state never changes its job's result (L14).
 *
 * `pending`     its job has not come to it
 * `collecting`  the agent uploads; nobody sees a file
 * `complete`    all files are in the storage, and visible at once
 * `empty`       its globs matched nothing
 * `failed`      the reason stands in the row; nothing is visible
 */
const TRANSITIONS: Transitions<ArtifactState> = {
  pending: ['collecting', 'failed', 'empty'],
  collecting: ['complete', 'empty', 'failed'],
  complete: [],
  empty: [],
  failed: [],
};

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
  const { name, reason, files, bytes } = artifact;
  await tx.record({
    kind: 'artifact',
    buildId: job.build_id,
    jobId: job.id,
    data: { id, state: to, name, reason, files, bytes },
  });
  return artifact;
}
