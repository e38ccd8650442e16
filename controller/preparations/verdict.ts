import { advanceBuild, finishJob } from '#controller/builds';
import type { Tx } from '#controller/events';
import {
  patchJob,
  type Job,
  type Preparation,
  type PreparedStream,
  type WantedImages,
} from '#controller/store';

/** What was decided about a job that wants a prepared image. */
export type Verdict =
  /** Its nodes are made of these. */
  | { kind: 'prepared'; images: WantedImages; streams: PreparedStream[]; isStale: boolean }
  /** Until that stream has its image. */
  | { kind: 'waiting'; stream: PreparedStream }
  /** It does by itself what would be prepared. The reason is a sentence. */
  | { kind: 'uncached'; reason: string }
  | { kind: 'failure'; reason: string };

/** The job goes on, waits or ends. Its build is locked. */
export async function give(tx: Tx, wanting: Job, verdict: Verdict): Promise<void> {
  const { id, build_id: buildId } = wanting;
  if (verdict.kind === 'failure') {
    await finishJob(tx, id, { result: 'failure', reason: verdict.reason, from: ['blocked'] });
    return;
  }
  const isWaiting = verdict.kind === 'waiting';
  const job = await patchJob(tx.db, id, ['blocked'], {
    preparation: preparationOf(verdict),
    preparing: isWaiting ? 1 : 0,
    images: verdict.kind === 'prepared' ? verdict.images : null,
  });
  if (job === undefined) return;
  const data = {
    id,
    state: job.state,
    key: job.key,
    result: null,
    reason: null,
    preparation: verdict.kind,
    outcome: outcomeOf(wanting, verdict),
  };
  await tx.record({ kind: 'job', buildId, jobId: id, data });
  if (!isWaiting) await advanceBuild(tx, buildId);
}

/** What metrics count; null while it is not decided. */
function outcomeOf({ preparation }: Job, verdict: Verdict): 'hit' | 'stale' | 'waited' | 'uncached' | null {
  if (verdict.kind === 'uncached') return 'uncached';
  if (verdict.kind !== 'prepared') return null;
  if (preparation?.state === 'waiting') return 'waited';
  return verdict.isStale ? 'stale' : 'hit';
}

function preparationOf(verdict: Exclude<Verdict, { kind: 'failure' }>): Preparation {
  switch (verdict.kind) {
    case 'prepared':
      return { state: 'prepared', reason: null, streams: verdict.streams };
    case 'waiting':
      return { state: 'waiting', reason: null, streams: [verdict.stream] };
    case 'uncached':
      return { state: 'uncached', reason: verdict.reason, streams: [] };
  }
}
