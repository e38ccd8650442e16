import type { Clock } from '#controller/clock';
import type { Change } from '#controller/events';
import { cordonOf, preferredFirst, type Cordons, type Fleet } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import { atMaxNodes, createTurns, type ProjectUsage } from '#controller/queue';
import type { Node } from '#controller/store';
import { createIdleNodes, type IdleNodes } from './idle-nodes.ts';
import type { QueueStore, QueuedJob } from './queue-store.ts';

/** Jobs that one pass looks at. More than ever wait in practice: those behind them would come only when some of these have gone. */
const MOST_AT_ONCE = 100_000;

export interface Scheduler {
  /** One pass over the queue. Returns when the next queue timeout is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Whether these changes are a reason to look at the queue at once. */
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  queue: QueueStore;
  clock: Clock;
  matcher: LabelMatcher;
  fleet: Pick<Fleet, 'template'>;
}

/**
 * Queued jobs → leases, where nodes are ready; → node requests, where not. Jobs have their turns in the order of the queue, and one that
 * can't be placed, or whose project has as many nodes as it may, never keeps another one from its node (I8). All of it is decided by
 * compare-and-swap: a second scheduler would do no harm.
 */
export function createScheduler({ queue, clock, matcher, fleet }: Deps): Scheduler {
  // Until the first pass nobody knows whether any job waits.
  let wants: Wants = { nodes: true, places: true };

  return {
    async run(signal) {
      const jobs = await queue.queued(MOST_AT_ONCE);
      wants = wantsOf(jobs);
      if (!wants.nodes) return null;
      const gone = await placeAll(jobs, signal);
      const waiting = jobs.filter((job) => !gone.has(job));
      wants = wantsOf(waiting);
      return wants.nodes ? waitOn(waiting, signal) : null;
    },

    concerns: (changes) =>
      changes.some(
        (change) =>
          bringsJob(change) ||
          (wants.nodes && bringsNode(change)) ||
          (wants.places && change.kind === 'job' && change.data.state === 'finished'),
      ),
  };

  /** Gives idle nodes away, turn by turn. Returns the jobs that are not queued any more. */
  async function placeAll(jobs: readonly QueuedJob[], signal: AbortSignal): Promise<ReadonlySet<QueuedJob>> {
    const gone = new Set<QueuedJob>();
    const ready = await queue.ready();
    if (ready.length === 0) return gone;
    const cordons = await queue.cordons();
    const usage = jobs.some(({ project }) => project !== null) ? await queue.usage() : NO_USAGE;
    const serving = ready.filter((node) => mayServe(node, cordons));
    const idle = createIdleNodes(preferredFirst(serving, fleet), matcher);
    // What nobody can serve now needs no turn, and mostly that is the whole queue.
    const placeable = jobs.filter((job) => idle.find(job) !== undefined);
    const turns = createTurns(placeable, usage, clock.now());
    for (let job = turns.next(); job !== undefined && !signal.aborted; job = turns.next()) {
      if (atMaxNodes(job.project, turns.usage)) continue;
      const outcome = await place(job, idle);
      if (outcome === 'placed') turns.served();
      if (outcome !== 'waits') gone.add(job);
    }
    return gone;
  }

  /** Gives the job a ready node. A node that turns out to be taken is forgotten and the next one tried. */
  async function place(job: QueuedJob, idle: IdleNodes): Promise<'placed' | 'job gone' | 'waits'> {
    for (let node = idle.find(job); node !== undefined; node = idle.find(job)) {
      const outcome = await queue.place(job, node);
      if (outcome === 'project full') return 'waits';
      if (outcome !== 'job gone') idle.drop(node);
      if (outcome !== 'node taken') return outcome;
    }
    return 'waits';
  }

  /** Sees that each of the jobs has asked for its node, and that none waits for too long. Returns when the next one will have. */
  async function waitOn(jobs: readonly QueuedJob[], signal: AbortSignal): Promise<number | null> {
    const asked = await queue.asked();
    let due: number | null = null;
    for (const job of jobs) {
      if (signal.aborted) return null;
      if (job.deadline <= clock.now()) {
        await queue.giveUp(job);
        continue;
      }
      if (!asked.has(job.id)) await queue.ask(job);
      due = Math.min(due ?? job.deadline, job.deadline);
    }
    return due;
  }
}

const NO_USAGE: ProjectUsage = new Map();

/** What would help those that wait. */
interface Wants {
  nodes: boolean;
  /** A project of theirs may have only so many nodes: the end of one of its jobs may be what they wait for. */
  places: boolean;
}

function wantsOf(jobs: readonly QueuedJob[]): Wants {
  return {
    nodes: jobs.length > 0,
    places: jobs.some(({ project }) => project !== null && project.maxNodes !== null),
  };
}

function bringsJob({ kind, data }: Change): boolean {
  return kind === 'job' && data.state === 'queued';
}

function bringsNode({ kind, data }: Change): boolean {
  if (kind === 'node') return data.state === 'ready' && data['connected'] !== false;
  return kind === 'cordon' || kind === 'project';
}

/**
 * Whether jobs may get the node now. One whose agent is away is under suspicion: it comes back, or the provisioner gives it up; one that is
 * cordoned, or whose cloud or template is, waits until somebody lifts that.
 */
function mayServe(node: Node, cordons: Cordons): boolean {
  return node.disconnected_at === null && cordonOf(node, cordons) === null;
}
