import { moveStep, type Ending } from '#controller/builds';
import type { Step } from '#controller/store';
import type { JobDeps } from './job-deps.ts';

/** How a step ended, as far as its job is concerned. */
export interface Outcome extends Ending {
  /** Whether a failure is none of the job's. */
  forgiven: boolean;
}

interface Task extends JobDeps {
  step: Step;
}

/** Ends a step that nothing is asked of the agent for, now or any more. */
export async function finishStep(task: Task, ending: Ending): Promise<Outcome> {
  const { journal, job, step } = task;
  if (step.state === 'running') await completeLog(task);
  const forgiven = step.spec.continueOnError === true || step.phase === 'save';
  const set = { result: ending.result, message: ending.reason, continue_on_error: forgiven ? 1 : 0 };
  await journal.commit((tx) =>
    moveStep(tx, job, step.id, ['pending', 'running'], 'finished', { ...set, finished_at: tx.at }),
  );
  return { ...ending, forgiven };
}

async function completeLog({ logs, build, job, step }: Task): Promise<void> {
  const writer = await logs.open({ build: build.id, job: job.id, step: step.id });
  try {
    await writer.finish();
  } finally {
    void writer.release();
  }
}
