import { finishJob, moveBuild, moveJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import { NodeTaken, grantLease } from '#controller/leases';
import type { LabelMatcher } from '#controller/matching';
import { askForNode, closeRequests } from '#controller/requests';
import {
  openRequests,
  queuedJobs,
  readyNodes,
  type Job,
  type Node,
  type NodeRequest,
  type Store,
} from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** The one role of a job that has a single node. */
const MAIN_ROLE = 'main';

/** Jobs that one pass looks at; those behind them come when some of these have gone. */
const MOST_AT_ONCE = 10_000;

export interface Scheduler {
  /** One pass over the queue. Returns when the next queue timeout is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Whether these changes are a reason to look at the queue at once. */
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  matcher: LabelMatcher;
}

/**
 * Queued jobs → leases, where nodes are ready; → node requests, where not. Jobs are looked at in the order of the queue, and one that can't
 * be placed never keeps a later one from its node (I8). All of it is decided by compare-and-swap: a second scheduler would do no harm.
 */
export function createScheduler({ store, journal, clock, matcher }: Deps): Scheduler {
  return {
    async run(signal) {
      const jobs = await queuedJobs(store.db, MOST_AT_ONCE);
      if (jobs.length === 0) return null;
      // A node whose agent is away is under suspicion: it comes back, or the provisioner gives it up.
      const connected = (await readyNodes(store.db)).filter((node) => node.disconnected_at === null);
      const ready = new Map(connected.map((node) => [node, new Set(node.labels)]));
      const hopeless = new Set<string>();
      const requests = new Map((await openRequests(store.db)).map((request) => [request.job_id, request]));
      let due: number | null = null;
      for (const job of jobs) {
        if (signal.aborted) return null;
        const deadline = (job.queued_at ?? job.state_since) + job.queue_timeout_ms;
        if (!hopeless.has(job.runs_on)) {
          if (await place(job, ready)) continue;
          // Nodes only get fewer during a pass.
          hopeless.add(job.runs_on);
        }
        const request = requests.get(job.id);
        if (deadline <= clock.now()) {
          await giveUp(job, request);
          continue;
        }
        if (request === undefined) await journal.commit((tx) => askForNode(tx, job, MAIN_ROLE));
        due = Math.min(due ?? deadline, deadline);
      }
      return due;
    },

    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          (kind === 'job' && data.state === 'queued') ||
          (kind === 'node' && data.state === 'ready' && data.connected !== false),
      ),
  };

  /** Gives the job a ready node. A node that turns out to be taken is forgotten and the next one tried. */
  async function place(job: Job, ready: Map<Node, ReadonlySet<string>>): Promise<boolean> {
    for (const [node, labels] of ready) {
      if (!matcher.matches(job.runs_on, labels)) continue;
      ready.delete(node);
      const outcome = await allocate(job, node);
      if (outcome === 'placed') return true;
      if (outcome === 'job gone') {
        ready.set(node, labels);
        return true;
      }
    }
    return false;
  }

  async function allocate(job: Job, node: Node): Promise<'placed' | 'node taken' | 'job gone'> {
    try {
      return await journal.commit(async (tx) => {
        const leased = await moveJob(tx, job.id, ['queued'], 'leased');
        if (leased === undefined) return 'job gone';
        await grantLease(tx, leased, [{ nodeId: node.id, role: MAIN_ROLE }]);
        await closeRequests(tx, job.id, 'fulfilled');
        await moveBuild(tx, job.build_id, ['queued'], 'running', { started_at: tx.at });
        return 'placed';
      });
    } catch (error) {
      if (error instanceof NodeTaken) return 'node taken';
      throw error;
    }
  }

  async function giveUp(job: Job, request: NodeRequest | undefined): Promise<void> {
    const why = request?.declines.at(-1);
    const reason =
      `no node within ${formatDuration(job.queue_timeout_ms)}` +
      (why === undefined ? '' : `; ${why.cloud}/${why.template}: ${why.reason}`);
    await journal.commit((tx) => finishJob(tx, job.id, { result: 'errored', reason, from: ['queued'] }));
  }
}
