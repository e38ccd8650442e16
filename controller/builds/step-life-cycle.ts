import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { stepsOfJob, swapState, type Job, type NewStep, type Step, type StepState } from '#controller/store';

/** The life of a step: it runs once, on the agent of its job's lease. */
const TRANSITIONS: Transitions<StepState> = {
  pending: ['running', 'finished'],
  running: ['finished'],
  finished: [],
};

export async function moveStep(
  tx: Tx,
  job: Pick<Job, 'id' | 'build_id'>,
  id: string,
  from: readonly StepState[],
  to: StepState,
  set: Partial<NewStep> = {},
): Promise<Step | undefined> {
  assertTransition('step', TRANSITIONS, from, to);
  const step = await swapState(tx.db, 'steps', id, from, to, set, tx.at);
  if (step === undefined) return undefined;
  const { name, position, result, message, exit_code: exit, signal } = step;
  const data = { id, state: to, name, position, result, message, exit, signal };
  await tx.record({ kind: 'step', buildId: job.build_id, jobId: job.id, data });
  return step;
}

/** Ends what is left of a job's steps: those that never ran were skipped, the one that ran shares its job's fate. */
export async function closeSteps(tx: Tx, job: Job): Promise<void> {
  const cut = { result: job.result ?? 'skipped', message: job.reason, finished_at: tx.at };
  for (const step of await stepsOfJob(tx.db, job.id)) {
    if (step.state === 'running') await moveStep(tx, job, step.id, ['running'], 'finished', cut);
    if (step.state === 'pending')
      await moveStep(tx, job, step.id, ['pending'], 'finished', { result: 'skipped' });
  }
}
