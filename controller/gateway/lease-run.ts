import { finishJob, moveJob, type Ending } from '#controller/builds';
import { findJob, findNode, type Build, type Job } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { resolveOutputs } from '#shared/pipeline';
import type { AgentMessage, LogFrame } from '#shared/protocol';
import type { Activity, AgentLink } from './activity.ts';
import { captureNode } from './capture-node.ts';
import { collectStep } from './collecting/index.ts';
import type { Connection } from './connection.ts';
import { hasCode } from './has-code.ts';
import type { LeaseRunDeps } from './job-deps.ts';
import { runSteps, type Stop } from './run-steps.ts';
import { openScene, type Scene } from './scene.ts';
import { statusOf } from './status-of.ts';
import { limitTime } from './time-limit.ts';

/** Drives one job on the agent of its node: the steps, the artifacts, the outputs, then the one result (I3). */
export interface LeaseRun {
  readonly jobId: string;
  readonly nodeId: string;
  /** The agent is connected (again). With a welcome, which is sent as soon as it is known where to go on; null if it had its welcome. */
  attach(connection: Connection, welcome: Welcome | null): void;
  detach(connection: Connection): void;
  message(message: AgentMessage): void;
  log(frame: LogFrame): void;
  /** Ends what is under way; the job ends so, unless it has failed already. Only the first call counts. */
  stop(ending: Ending): void;
  /** The job has its result, from here or from elsewhere: nothing more is asked of its agent. */
  letGo(): void;
  /** Resolves when the job has its result. Rejects when storing failed, or when this controller lets go of the job. */
  done: Promise<void>;
}

export interface Welcome {
  session: string;
  graceMs: number;
}

export function startLeaseRun(
  deps: LeaseRunDeps,
  build: Build,
  job: Job,
  nodeId: string,
  closing: AbortSignal,
): LeaseRun {
  const { store, journal, clock } = deps;
  const finishedSteps = new Set<string>();
  const stopping = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([closing, ended.signal]);
  let connection: Connection | undefined;
  let unsent: Welcome | null = null;
  let activity: Activity | undefined;
  let ending: Ending | undefined;
  let stoppedAt = Infinity;
  // Until the first activity is known, a welcome would tell the agent to forget its step.
  let begun = false;
  /** Its job has ended: whether the node has served with that, or is kept, for people or for files that are not stored yet. */
  let left: 'served' | 'kept' | undefined;

  const toStop: Stop = { signal: stopping.signal, ending: () => ending, since: () => stoppedAt };
  const link: AgentLink = {
    send: (message) => connection?.send(message),
    cut: (reason) => connection?.cut(new FootmanError('protocol-violation', reason)),
  };

  const done = run();
  return {
    jobId: job.id,
    nodeId,
    attach,
    detach,
    message,
    log: (frame) => activity?.log(frame),
    stop: (as) => stop(as, clock.now()),
    letGo: () => ended.abort(new FootmanError('cancelled', 'the job has ended')),
    done,
  };

  function attach(next: Connection, welcome: Welcome | null): void {
    connection = next;
    unsent = welcome;
    if (left === 'served') link.send({ type: 'lease.end' });
    else if (begun || left === 'kept') greet();
  }

  function detach(gone: Connection): void {
    if (connection !== gone) return;
    connection = undefined;
    activity?.detached?.();
  }

  function begin(next: Activity): void {
    activity = next;
    begun = true;
    greet();
  }

  function rest(): void {
    activity = undefined;
  }

  function greet(): void {
    if (unsent !== null) link.send({ type: 'welcome', ...unsent, resume: activity?.resume() ?? [] });
    unsent = null;
    if (connection !== undefined) activity?.attached();
  }

  function message(received: AgentMessage): void {
    // Its acknowledgement was lost with an earlier connection.
    if (received.type === 'step.finished' && finishedSteps.has(received.step)) {
      link.send({ type: 'step.ack', step: received.step });
    } else activity?.message(received);
  }

  function stop(as: Ending, at: number): void {
    if (ending !== undefined) return;
    ending = as;
    stoppedAt = at;
    stopping.abort(as);
  }

  async function run(): Promise<void> {
    try {
      await driveJob();
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
    begun = false;
    rest();
    // The row says so, whoever has ended the job.
    const node = await findNode(store.db, nodeId);
    left = node?.state === 'held' || node?.state === 'uploading' ? 'kept' : 'served';
    if (left === 'served') link.send({ type: 'lease.end' });
    else greet();
  }

  async function driveJob(): Promise<void> {
    const current = await beginJob();
    if (current?.state !== 'running') return;
    const startedAt = current.started_at ?? clock.now();
    const { cancel_requested_at: cancelledAt } = current;
    if (cancelledAt !== null) stop({ result: 'cancelled', reason: current.reason }, cancelledAt);
    const ended = await runJob(current, startedAt);
    await journal.commit((tx) => finishJob(tx, job.id, { ...ended, from: ['running'] }));
  }

  async function runJob(current: Job, startedAt: number): Promise<Ending> {
    try {
      const scene = await openScene(deps, build, current, nodeId);
      const verdict = await runAllSteps(current, scene, startedAt);
      if (verdict === null) return silent();
      const ending = await finishUp(current, scene, verdict);
      return await captureNode({ ...deps, build, job: current, nodeId, scene, link, begin, signal }, ending);
    } catch (error) {
      if (!hasCode(error, 'secret-unreadable')) throw error;
      return { result: 'errored', reason: error.message };
    }
  }

  /** The row as it is now: what was asked of the job before this run could hear of it stands there. */
  function beginJob(): Promise<Job | undefined> {
    return journal.commit(
      async (tx) =>
        (await moveJob(tx, job.id, ['leased'], 'running', { started_at: tx.at })) ??
        (await findJob(tx.db, job.id)),
    );
  }

  /** How the steps ended; null when the agent would not say. */
  async function runAllSteps(current: Job, scene: Scene, startedAt: number): Promise<Ending | null> {
    const callOff = limitTime(clock, build, current, startedAt, stop);
    try {
      return await runSteps({
        ...deps,
        build,
        job: current,
        nodeId,
        scene,
        link,
        begin,
        rest,
        finished: finishedSteps,
        ended: ended.signal,
        signal,
        stop: toStop,
        mainDone: callOff,
      });
    } finally {
      callOff();
    }
  }

  /** An agent that did not end its step when it was told to is not asked for artifacts either. */
  function silent(): Ending {
    return ending ?? { result: 'errored', reason: 'its agent did not end the step' };
  }

  /** Artifacts and outputs, from what the steps left. */
  async function finishUp(current: Job, scene: Scene, verdict: Ending): Promise<Ending> {
    const common = { ...deps, build, job: current, nodeId, scene, link, begin, rest };
    await collectStep({ ...common, ended: ended.signal, signal }, verdict);
    if (Object.keys(job.spec.outputs).length === 0) return verdict;
    try {
      const outputs = resolveOutputs(job.spec, await scene.contexts(statusOf(verdict)));
      return { ...verdict, outputs };
    } catch (error) {
      if (verdict.result !== 'success' || !hasCode(error, 'expression-failed')) return verdict;
      return { result: 'failure', reason: error.message };
    }
  }
}
