import { ownerOf } from '#controller/holds';
import { findJob, patchJob } from '#controller/store';
import type { ResolvedStep } from '#shared/pipeline';
import { finishStep, type Outcome } from './finish-step.ts';
import type { JobDeps } from './job-deps.ts';
import type { Step } from '#controller/store';

/** Notes in the job's row that its node is to be held: when the job ends, whoever ends it sees to that. */
export async function wishHold(
  task: JobDeps & { step: Step },
  { hold }: ResolvedStep & { kind: 'hold' },
): Promise<Outcome> {
  const { journal, build, job } = task;
  if (build.trust !== 'trusted')
    return finishStep(task, { result: 'skipped', reason: 'builds from forks hold no nodes' });
  await journal.commit(async (tx) => {
    const { reason = null, forMs = null, keys } = hold;
    const wish = { on: 'end', origin: 'pipeline', owner: ownerOf(build), reason, forMs, keys } as const;
    const known = (await findJob(tx.db, job.id))?.hold ?? null;
    // A person who has asked for its node is the one who gets it.
    const isTaken = known !== null && known.origin !== 'pipeline';
    await patchJob(tx.db, job.id, ['running'], { hold: isTaken ? { ...known, on: 'end' } : wish });
  });
  return finishStep(task, { result: 'success', reason: null });
}
