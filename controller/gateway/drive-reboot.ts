import { finishJob, moveStep, type Ending } from '#controller/builds';
import type { LogWriter } from '#controller/logs';
import { beginReboot } from '#controller/reboots';
import { findNode, type Node } from '#controller/store';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import type { ResolvedStep } from '#shared/pipeline';
import { formatDuration } from '#shared/quantity';
import { finishStep, type Outcome } from './finish-step.ts';
import type { StepDeps } from './job-deps.ts';
import { prepareReboot } from './prepare-reboot.ts';
import { createRebootLog, type RebootLog } from './reboot-log.ts';

type RebootStep = ResolvedStep & { kind: 'reboot' };

/**
 * Restarts the node's machine in the middle of its job: the row says that it is due, the keeper of reboots has the cloud do it, and the agent
 * of the next boot ends it, which is noticed here. Resolves with null when the job has ended meanwhile: there is no node to go on with.
 */
export async function driveReboot(task: StepDeps, resolved: RebootStep): Promise<Outcome | null> {
  const { logs, clock, build, job, step, nodeId } = task;
  const startedAt = step.state === 'running' ? step.started_at : await begin(task, resolved);
  if (startedAt !== null && typeof startedAt !== 'number') return startedAt;
  const writer = await logs.open({ build: build.id, job: job.id, step: step.id });
  try {
    const time = formatDuration(resolved.timeoutMs);
    const log = createRebootLog(writer, clock, `rebooting node ${nodeId}; it has ${time} to come back`);
    const boot = await awaitReturn(task, log);
    if (boot === null) return null;
    log.back(`back after ${formatDuration(clock.now() - (startedAt ?? 0))}, in boot ${boot}`);
    return await succeed(task, resolved, writer);
  } finally {
    // Nothing comes any more: whoever follows the log has all of it.
    if (task.ended.aborted) await writer.finish().catch(() => undefined);
    void writer.release();
  }
}

/** When it began; or how the step ended because it can't. */
async function begin(task: StepDeps, resolved: RebootStep): Promise<number | Outcome> {
  const { journal, job, step, nodeId, stop } = task;
  const problem = await whyNot(task, resolved);
  if (stop.aborted) return finishStep(task, stop.reason as Ending);
  if (problem !== null)
    return finishStep(task, { result: 'failure', reason: `step ${resolved.name}: ${problem}` });
  return journal.commit(async (tx) => {
    const set = { name: resolved.name, continue_on_error: resolved.continueOnError ? 1 : 0 };
    await moveStep(tx, job, step.id, ['pending'], 'running', { ...set, started_at: tx.at });
    const node = await beginReboot(tx, nodeId, resolved.timeoutMs);
    if (node === undefined) throw new FootmanError('cancelled', 'the job has no node any more');
    return tx.at;
  });
}

/** Why the machine can't be restarted; null where it can, and its agent is ready for that. */
async function whyNot(task: StepDeps, { timeoutMs }: RebootStep): Promise<string | null> {
  const { store, canReboot, clock, nodeId, step, link, begin, stop, signal } = task;
  const node = await findNode(store.db, nodeId);
  if (node === undefined) return 'its node is unknown';
  if (!canReboot(node)) return `cloud ${node.cloud} can't restart its machines`;
  if (node.boot === null) return "the node's agent does not tell in which boot it runs";
  const patience = new AbortController();
  const callOff = clock.after(timeoutMs, () => patience.abort());
  const until = AbortSignal.any([stop, signal, patience.signal]);
  try {
    const problem = await prepareReboot({ step: step.id, link, begin, signal: until });
    return problem === null ? null : `what later steps need could not be kept: ${problem}`;
  } catch (error) {
    if (signal.aborted) throw error;
    return `the node's agent did not get ready within ${formatDuration(timeoutMs)}`;
  } finally {
    callOff();
  }
}

/** Resolves with the new boot; null when the job was to stop, and has ended with that. */
async function awaitReturn(task: StepDeps, log: RebootLog): Promise<string | null> {
  const { store, journal, job, nodeId, begin, stop, signal } = task;
  const back = Promise.withResolvers<string>();
  begin({
    resume: () => [],
    log: () => undefined,
    message: () => undefined,
    attached: () => void look().catch(back.reject),
    detached: log.gone,
  });
  try {
    return await abortable(back.promise, AbortSignal.any([stop, signal]));
  } catch (error) {
    if (signal.aborted || !stop.aborted) throw error;
    // Nobody is there to do anything more for the job.
    await journal.commit((tx) => finishJob(tx, job.id, { ...(stop.reason as Ending), from: ['running'] }));
    return null;
  }

  /** Whoever has connected may be the agent of the boot that is to end. */
  async function look(): Promise<void> {
    const node: Node | undefined = await findNode(store.db, nodeId);
    if (node?.reboot_due_at === null && node.boot !== null) back.resolve(node.boot);
  }
}

async function succeed(
  { journal, job, step }: StepDeps,
  { continueOnError }: RebootStep,
  writer: LogWriter,
): Promise<Outcome> {
  const log = await writer.finish();
  await journal.commit((tx) =>
    moveStep(tx, job, step.id, ['running'], 'finished', {
      result: 'success',
      log_bytes: log.bytes,
      log_lines: log.lines,
      finished_at: tx.at,
    }),
  );
  return { result: 'success', reason: null, forgiven: continueOnError };
}
