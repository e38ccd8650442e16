import { moveStep, type Ending } from '#controller/builds';
import { beginCapture } from '#controller/images';
import { findNode, stepsOfJob, type Node, type Step } from '#controller/store';
import { abortable } from '#shared/abortable';
import type { ResolvedStep } from '#shared/pipeline';
import { finishStep, type Outcome } from './finish-step.ts';
import type { JobDeps } from './job-deps.ts';
import { prepareStep } from './prepare-step.ts';
import type { Scene } from './scene.ts';
import { statusOf } from './status-of.ts';
import type { StepTask } from './take-step.ts';

type Task = Pick<StepTask, 'scene' | 'link' | 'begin' | 'signal'> & JobDeps & { scene: Scene };
type SnapshotStep = ResolvedStep & { kind: 'snapshot' };

/**
 * Has the job's node captured, where a step asks for that: the last thing that happens on it, when all that the job leaves has been fetched.
 * The rows say so; the keeper of image versions asks the cloud, and ends the job. Resolves with how the job ends where there is no capture,
 * and never where there is one: then the job ends elsewhere, and `signal` says so.
 */
export async function captureNode(task: Task, ending: Ending): Promise<Ending> {
  const steps = await stepsOfJob(task.store.db, task.job.id);
  const step = steps.find(({ spec }) => spec.kind === 'snapshot');
  if (step === undefined || step.state === 'finished') return ending;
  if (step.state === 'running') return elsewhere(task);
  if (ending.result !== 'success') {
    await finishStep({ ...task, step }, { result: 'skipped', reason: 'the job did not succeed' });
    return ending;
  }
  const outcome = await begin(task, step, ending);
  if (outcome === null) return elsewhere(task);
  if (outcome.result !== 'failure' || outcome.forgiven) return ending;
  return { ...ending, result: 'failure', reason: outcome.reason };
}

/** How the step ended without a capture; null where one has begun. */
async function begin(task: Task, step: Step, ending: Ending): Promise<Outcome | null> {
  const { store, nodeId } = task;
  const ofStep = { ...task, step };
  const prepared = await prepareStep({ ...ofStep, status: 'success', jobStatus: statusOf(ending) });
  if (prepared.kind === 'skip') return finishStep(ofStep, { result: 'skipped', reason: prepared.reason });
  if (prepared.kind === 'fail') return fail(ofStep, prepared.reason);
  if (prepared.step.kind !== 'snapshot') throw new Error('a snapshot has become another step');
  const node = await findNode(store.db, nodeId);
  const why = whyNot(task, node);
  if (why?.isSkip === true) return finishStep(ofStep, { result: 'skipped', reason: why.reason });
  if (why !== null || node === undefined) return fail(ofStep, why?.reason ?? 'its node is unknown');
  await record(ofStep, prepared.step, node, ending);
  return null;
}

function fail(task: Task & { step: Step }, reason: string | null): Promise<Outcome> {
  return finishStep(task, { result: 'failure', reason: `step ${task.step.name}: ${reason}` });
}

function whyNot(
  { build, canCapture }: Task,
  node: Node | undefined,
): { reason: string; isSkip: boolean } | null {
  // Others would start from what strangers have made.
  if (build.trust !== 'trusted') return { reason: 'builds from forks make no images', isSkip: true };
  if (node === undefined || canCapture(node)) return null;
  return { reason: `cloud ${node.cloud} can't capture its nodes`, isSkip: false };
}

async function record(
  { journal, build, job, step }: Task & { step: Step },
  { name, continueOnError, snapshot }: SnapshotStep,
  node: Node,
  { result, reason, outputs }: Ending,
): Promise<void> {
  await journal.commit(async (tx) => {
    const set = { name, continue_on_error: continueOnError ? 1 : 0 };
    await moveStep(tx, job, step.id, ['pending'], 'running', { ...set, started_at: tx.at });
    const ending = { result, reason, ...(outputs !== undefined && { outputs }) };
    await beginCapture(tx, { build, jobId: job.id, node, snapshot, ending });
  });
}

function elsewhere({ signal }: Task): Promise<never> {
  return abortable(new Promise<never>(() => undefined), signal);
}
