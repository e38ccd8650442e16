import { finishJob, moveBuild, moveJob } from '#controller/builds';
import type { Journal, Tx } from '#controller/events';
import { NodeTaken, grantLease } from '#controller/leases';
import { wishKey } from '#controller/matching';
import { atMaxNodes, projectOf, type ProjectShare } from '#controller/queue';
import { askForNode, closeRequests } from '#controller/requests';
import {
  cordonsOf,
  jobsWithRequests,
  lockProject,
  patchJob,
  queuedJobs,
  readyNodes,
  requestsOfJob,
  usageByProject,
  type Node,
  type QueuedJobRow,
  type Store,
} from '#controller/store';
import { formatDuration } from '#shared/quantity';
import type { QueueStore, QueuedJob } from './queue-store.ts';

/** The one role of a job that has a single node. */
const MAIN_ROLE = 'main';

/** The queue as it is in the store. */
export function createQueueStore({ store, journal }: { store: Store; journal: Journal }): QueueStore {
  const { db } = store;
  return {
    queued: async (limit) => (await queuedJobs(db, limit)).map(jobOf),
    ready: () => readyNodes(db),
    usage: () => usageByProject(db),
    cordons: async () => new Map((await cordonsOf(db)).map((cordon) => [cordon.target, cordon])),
    asked: () => jobsWithRequests(db),
    async place(job, node) {
      try {
        return await journal.commit((tx) => lease(tx, job, node));
      } catch (error) {
        if (error instanceof NodeTaken) return 'node taken';
        if (error instanceof WishChanged) return 'job gone';
        throw error;
      }
    },
    ask: (job) => journal.commit((tx) => ask(tx, job)),
    giveUp: (job) => journal.commit((tx) => giveUp(tx, job)),
  };
}

function jobOf(row: QueuedJobRow): QueuedJob {
  const { id, build_id: buildId, runs_on: runsOn, images, priority, rank, queued_at: queuedAt } = row;
  const deadline = queuedAt + row.queue_timeout_ms;
  return { id, buildId, runsOn, images, priority, rank, queuedAt, deadline, project: projectOf(row) };
}

/** The job asks for another image by now: it was decided anew what it starts from. */
class WishChanged extends Error {}

/** @throws NodeTaken or WishChanged for the transaction to be rolled back. */
async function lease(
  tx: Tx,
  { id, buildId, project, runsOn, images }: QueuedJob,
  node: Node,
): Promise<'placed' | 'job gone' | 'project full'> {
  if (await isFull(tx, project)) return 'project full';
  const leased = await moveJob(tx, id, ['queued'], 'leased');
  if (leased === undefined) return 'job gone';
  if (wishKey(leased.runs_on, leased.images) !== wishKey(runsOn, images)) throw new WishChanged();
  await grantLease(tx, leased, [{ nodeId: node.id, role: MAIN_ROLE }]);
  await closeRequests(tx, id, 'fulfilled');
  await moveBuild(tx, buildId, ['queued'], 'running', { started_at: tx.at });
  return 'placed';
}

/** Whoever chose the job has counted; another scheduler may have given the project a node since. */
async function isFull({ db }: Tx, project: ProjectShare | null): Promise<boolean> {
  if (project === null || project.maxNodes === null) return false;
  await lockProject(db, project.id);
  return atMaxNodes(project, await usageByProject(db));
}

async function ask(tx: Tx, job: QueuedJob): Promise<void> {
  // Changes nothing: it locks the row, so that of two who ask at once the second sees the request of the first.
  const current = await patchJob(tx.db, job.id, ['queued'], {});
  if (current === undefined) return;
  const requests = await requestsOfJob(tx.db, job.id);
  if (requests.some(({ state }) => state === 'requested' || state === 'pending')) return;
  await askForNode(tx, { ...job, images: current.images }, MAIN_ROLE);
}

async function giveUp(tx: Tx, { id, queuedAt, deadline }: QueuedJob): Promise<void> {
  const why = (await requestsOfJob(tx.db, id)).at(-1)?.declines.at(-1);
  const reason =
    `no node within ${formatDuration(deadline - queuedAt)}` +
    (why === undefined ? '' : `; ${why.cloud}/${why.template}: ${why.reason}`);
  await finishJob(tx, id, { result: 'errored', reason, from: ['queued'] });
}
