import { finishJob, moveJob, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Blobs } from '#controller/blobs';
import type { Logs } from '#controller/logs';
import {
  artifactsOfJob,
  findJob,
  stepsOfJob,
  type Artifact,
  type Build,
  type Job,
  type Step,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { AgentMessage, LogFrame } from '#shared/protocol';
import type { Activity, AgentLink } from './activity.ts';
import { collectArtifact } from './collect-artifact.ts';
import type { Connection } from './connection.ts';
import { driveStep } from './drive-step.ts';
import type { LeaseLimits } from './limits.ts';
import { limitTime } from './time-limit.ts';

/** Drives one job on the agent of its node: the steps one after another, then the artifacts, then the one result (I3). */
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

export interface LeaseRunDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logs: Logs;
  blobs: Blobs;
  limits: LeaseLimits;
}

export function startLeaseRun(
  deps: LeaseRunDeps,
  build: Build,
  job: Job,
  nodeId: string,
  closing: AbortSignal,
): LeaseRun {
  const { store, journal, clock, limits } = deps;
  const finishedSteps = new Set<string>();
  const stopping = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([closing, ended.signal]);
  let connection: Connection | undefined;
  let unsent: Welcome | null = null;
  let activity: Activity | undefined;
  let ending: Ending | undefined;
  let collecting: AbortController | undefined;
  // Until the first activity is known, a welcome would tell the agent to forget its step.
  let begun = false;
  let hasResult = false;

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
    stop,
    letGo: () => ended.abort(new FootmanError('cancelled', 'the job has ended')),
    done,
  };

  function attach(next: Connection, welcome: Welcome | null): void {
    connection = next;
    unsent = welcome;
    if (hasResult) link.send({ type: 'lease.end' });
    else if (begun) greet();
  }

  function detach(gone: Connection): void {
    if (connection === gone) connection = undefined;
  }

  function begin(next: Activity): void {
    activity = next;
    begun = true;
    greet();
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

  function stop(as: Ending): void {
    if (ending !== undefined) return;
    ending = as;
    stopping.abort(as);
    collecting?.abort(new Error('the job was to stop'));
  }

  async function run(): Promise<void> {
    try {
      await driveJob();
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
    hasResult = true;
    link.send({ type: 'lease.end' });
  }

  async function driveJob(): Promise<void> {
    const current = await beginJob();
    if (current?.state !== 'running') return;
    if (current.cancel_requested_at !== null) stop({ result: 'cancelled', reason: current.reason });
    const verdict = await runSteps(current);
    const result = verdict === null ? silent() : await collectAll(verdict);
    await journal.commit((tx) => finishJob(tx, job.id, { ...result, from: ['running'] }));
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
  async function runSteps({ started_at: startedAt }: Job): Promise<Ending | null> {
    const steps = await stepsOfJob(store.db, job.id);
    const unlimited = steps.every(({ state }) => state === 'finished');
    const callOff = unlimited ? undefined : limitTime(clock, build, job, startedAt ?? clock.now(), stop);
    try {
      for (const step of steps) {
        // One that runs since an earlier life of the controller is ended as any other.
        if (ending !== undefined && step.state === 'pending') return ending;
        const outcome = step.state === 'finished' ? outcomeOf(step) : await runStep(step);
        if (outcome === null) return null;
        finishedSteps.add(step.id);
        if (outcome.result !== 'success') return ending ?? outcome;
      }
      return ending ?? { result: 'success', reason: null };
    } finally {
      callOff?.();
    }
  }

  async function runStep(step: Step): Promise<Ending | null> {
    try {
      return await driveStep({
        ...deps,
        build,
        job,
        step,
        nodeId,
        link,
        stop: stopping.signal,
        ended: ended.signal,
        signal,
        begin,
      });
    } finally {
      activity = undefined;
    }
  }

  /** An agent that did not end its step when it was told to is not asked for artifacts either. */
  function silent(): Ending {
    return ending ?? { result: 'errored', reason: 'its agent did not end the step' };
  }

  /** On a budget of their own, so that a job which ran out of time still leaves what it has (L14). */
  async function collectAll(verdict: Ending): Promise<Ending> {
    const artifacts = await artifactsOfJob(store.db, job.id);
    if (artifacts.length === 0) return verdict;
    const stoppedBefore = ending !== undefined;
    const budget = new AbortController();
    collecting = budget;
    const callOff = clock.after(limits.artifactsMs, () =>
      budget.abort(new Error('the time for artifacts was up')),
    );
    try {
      for (const artifact of artifacts) await collect(artifact, verdict, budget.signal);
    } finally {
      callOff();
    }
    const stoppedMeanwhile = !stoppedBefore && verdict.result === 'success';
    return (stoppedMeanwhile ? ending : undefined) ?? verdict;
  }

  async function collect(artifact: Artifact, { result }: Ending, budget: AbortSignal): Promise<void> {
    const spec = job.spec.artifacts[artifact.position];
    if (spec === undefined) return;
    await collectArtifact({ ...deps, job, artifact, spec, jobResult: result, link, begin, budget, signal });
    activity = undefined;
  }
}

function outcomeOf({ result, message }: Step): Ending {
  return { result: result ?? 'errored', reason: message };
}
