import type { Ending } from '#controller/builds';
import type { Step } from '#controller/store';
import type { Status } from '#shared/expressions';
import type { ResolvedStep } from '#shared/pipeline';
import { MAX_CONTROL_BYTES } from '#shared/protocol';
import { formatBytes } from '#shared/quantity';
import { driveStep } from './drive-step.ts';
import { driveReboot } from './drive-reboot.ts';
import { driveFetch } from './fetching/index.ts';
import { finishStep, type Outcome } from './finish-step.ts';
import type { StepDeps } from './job-deps.ts';
import { prepareStep, resolveAgain } from './prepare-step.ts';
import { saveCache } from './save-cache.ts';
import { wishHold } from './wish-hold.ts';
import type { Scene } from './scene.ts';
import { fitsIntoMessage, stepStart } from './step-start.ts';

export interface StepTask extends StepDeps {
  scene: Scene;
  /** Nothing is asked of the agent for a while. */
  rest(): void;
  /** Steps whose result is stored. */
  finished: Set<string>;
  /** What its conditions go by. */
  status: Status;
  /** How its job stands. */
  jobStatus: Status;
  /** How long it may run where it does not say itself, in milliseconds. */
  longestMs: number;
}

/** Takes the step to its end from wherever it is; null when the agent was told to end it and did not say that it had. */
export async function takeStep(task: StepTask): Promise<Outcome | null> {
  try {
    const outcome = await take(task);
    if (outcome !== null) task.finished.add(task.step.id);
    return outcome;
  } finally {
    task.rest();
  }
}

async function take(task: StepTask): Promise<Outcome | null> {
  const { job, step, stop } = task;
  if (step.state === 'finished') return outcomeOf(step);
  if (step.state === 'pending' && stop.aborted) return finishStep(task, stop.reason as Ending);
  if (step.phase === 'prepare' && job.preparation?.state === 'prepared')
    return finishStep(task, { result: 'skipped', reason: 'its image has it' });
  const prepared = step.state === 'running' ? await resolveAgain(task) : await prepare(task);
  switch (prepared.kind) {
    case 'skip':
      return finishStep(task, { result: 'skipped', reason: prepared.reason });
    case 'fail':
      return finishStep(task, { result: 'failure', reason: `step ${step.name}: ${prepared.reason}` });
    case 'run':
      return drive(task, prepared.step, prepared.hashes);
  }
}

function prepare(task: StepTask): ReturnType<typeof prepareStep> {
  const { stop, signal } = task;
  const preparing = prepareStep({ ...task, signal: AbortSignal.any([stop, signal]) });
  return preparing.catch((error: unknown) => {
    // It was to stop while the workspace was asked for a digest.
    if (stop.aborted && !signal.aborted) return { kind: 'skip', reason: null };
    throw error;
  });
}

async function drive(
  task: StepTask,
  resolved: ResolvedStep,
  hashes: Step['hashes'],
): Promise<Outcome | null> {
  const { step, scene } = task;
  if (resolved.kind === 'reboot') return driveReboot(task, resolved);
  if (resolved.kind === 'hold') return wishHold(task, resolved);
  if (resolved.kind === 'fetch') return driveFetch(task, resolved);
  if (resolved.kind === 'snapshot' || resolved.kind === 'collect')
    throw new Error(`a ${resolved.kind} is the end of its job, and no step among others`);
  const start = await stepStart({ ...task, secrets: [...scene.secrets.values()] }, resolved);
  if (start === null) return finishStep(task, { result: 'skipped', reason: 'the cache has its key already' });
  const isSave = step.phase === 'save' && resolved.kind === 'cache';
  const { name, continueOnError } = resolved;
  if (!fitsIntoMessage(start)) {
    const most = formatBytes(MAX_CONTROL_BYTES);
    const reason = `step ${name}: its script, variables and secrets have more than ${most} together`;
    return finishStep(task, { result: 'failure', reason });
  }
  const ending = await driveStep({
    ...task,
    name,
    // A cache that could not be saved is the next build's loss alone.
    continueOnError: continueOnError || isSave,
    start,
    hashes,
    ...(isSave ? { after: () => saveCache(task, resolved.cache) } : {}),
  });
  return ending && { ...ending, forgiven: continueOnError || isSave };
}

function outcomeOf({ result, message, continue_on_error: forgiven }: Step): Outcome {
  return { result: result ?? 'errored', reason: message, forgiven: forgiven !== 0 };
}
