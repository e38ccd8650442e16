import type { Change } from '#controller/events';
import type { Logger } from '#controller/logger';
import {
  activeLeaseOfJob,
  findBuild,
  findJob,
  jobsInStates,
  leaseOfNode,
  nodesOfLease,
} from '#controller/store';
import { toFootmanError } from '#shared/errors';
import type { ConnectedAgent } from './connected-agent.ts';
import type { LeaseRunDeps } from './job-deps.ts';
import { startLeaseRun, type LeaseRun } from './lease-run.ts';

/** The jobs that this controller drives: one run for each node that has a job and whose agent is connected here. */
export interface LeaseRuns {
  ofNode(nodeId: string): LeaseRun | undefined;
  /** Sees to it that the job is driven, once, if the agent of its node is connected here. */
  drive(jobId: string): Promise<void>;
  /** Sees to it that the node's job is driven, if it has one. */
  driveNode(nodeId: string): Promise<void>;
  /** Drives a job that has just got its node, stops one that is to be cancelled, lets go of what ended elsewhere. */
  observe(changes: readonly Change[]): void;
  /** The same, from what the store says: a lost event costs time, never truth. */
  reconcile(): Promise<void>;
  /** Resolves when no job is driven any more. */
  settled(): Promise<void>;
}

type Deps = LeaseRunDeps & {
  logger: Logger;
  agentOf(nodeId: string): ConnectedAgent | undefined;
  /** The node's job is driven no more, here. */
  ended(nodeId: string): void;
  /** Aborted when the controller lets go of all jobs. */
  signal: AbortSignal;
};

export function createLeaseRuns(deps: Deps): LeaseRuns {
  const { store, logger, agentOf, ended: runEnded, signal } = deps;
  const runs = new Map<string, LeaseRun>();
  const starting = new Map<string, Promise<void>>();
  const endings = new Set<Promise<void>>();

  return {
    ofNode: (nodeId) => runs.get(nodeId),
    drive,
    driveNode,
    observe(changes) {
      for (const { kind, jobId, data } of changes) {
        if (kind !== 'job' || !jobId) continue;
        if (data.state === 'finished') runOf(jobId)?.letGo();
        else if (data['cancelRequested'] === true) cancel(runOf(jobId), data['reason']);
        else if (data.state === 'leased') driveSoon(jobId);
      }
    },
    reconcile,
    async settled() {
      await Promise.allSettled(starting.values());
      await Promise.allSettled(endings);
    },
  };

  function drive(jobId: string): Promise<void> {
    const under = starting.get(jobId) ?? begin(jobId).finally(() => starting.delete(jobId));
    starting.set(jobId, under);
    return under;
  }

  async function driveNode(nodeId: string): Promise<void> {
    const lease = await leaseOfNode(store.db, nodeId);
    if (lease?.state === 'active') await drive(lease.job_id);
  }

  function driveSoon(jobId: string): void {
    drive(jobId).catch((error: unknown) =>
      logger.error({ err: error, job: jobId }, 'a job could not be driven; it is tried again'),
    );
  }

  async function begin(jobId: string): Promise<void> {
    if (runOf(jobId) !== undefined) return;
    const job = await findJob(store.db, jobId);
    const lease = await activeLeaseOfJob(store.db, jobId);
    if (job === undefined || lease === undefined) return;
    const build = await findBuild(store.db, job.build_id);
    const [node] = await nodesOfLease(store.db, lease.id);
    const agent = node && agentOf(node.id);
    // Without its agent there is nothing to drive: it will say hello, here or to another controller.
    if (build === undefined || node === undefined || agent === undefined || signal.aborted) return;
    const run = startLeaseRun(deps, build, job, node.id, signal);
    runs.set(node.id, run);
    if (agent.welcomed) run.attach(agent.connection, null);
    follow(run);
  }

  function follow(run: LeaseRun): void {
    const ended = run.done
      .catch((error: unknown) => {
        if (signal.aborted) return;
        logger.error(
          { err: error, job: run.jobId },
          'a job could not be driven on; its agent has to ask for it again',
        );
        agentOf(run.nodeId)?.connection.cut(toFootmanError(error));
      })
      .finally(() => {
        runs.delete(run.nodeId);
        endings.delete(ended);
        if (!signal.aborted) runEnded(run.nodeId);
      });
    endings.add(ended);
  }

  async function reconcile(): Promise<void> {
    const known = [...runs.values()];
    const active = await jobsInStates(store.db, ['leased', 'running']);
    const jobs = new Map(active.map((job) => [job.id, job]));
    for (const run of known) {
      const job = jobs.get(run.jobId);
      if (job === undefined) run.letGo();
      else if (job.cancel_requested_at !== null) cancel(run, job.reason);
    }
  }

  function runOf(jobId: string): LeaseRun | undefined {
    for (const run of runs.values()) if (run.jobId === jobId) return run;
    return undefined;
  }
}

function cancel(run: LeaseRun | undefined, reason: unknown): void {
  run?.stop({ result: 'cancelled', reason: typeof reason === 'string' ? reason : null });
}
