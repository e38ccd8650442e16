import { assertTransition, type Transitions, type Tx } from '#controller/events';
import {
  insertRequest,
  newId,
  requestsOfJob,
  swapState,
  type NewNodeRequest,
  type NodeRequest,
  type RequestState,
  type WantedImages,
} from '#controller/store';

/**
 * The life of a node request.
 *
 * `requested`  nobody has looked at it yet
 * `pending`    a node is on its way, or a candidate will be asked again
 * `fulfilled`  the job has its node
 * `failed`     every candidate declined for good
 * `withdrawn`  the job does not want it any more
 */
const TRANSITIONS: Transitions<RequestState> = {
  requested: ['pending', 'fulfilled', 'failed', 'withdrawn'],
  pending: ['fulfilled', 'failed', 'withdrawn'],
  fulfilled: [],
  failed: [],
  withdrawn: [],
};

const OPEN = ['requested', 'pending'] as const satisfies RequestState[];

export async function moveRequest(
  tx: Tx,
  id: string,
  from: readonly RequestState[],
  to: RequestState,
  set: Partial<NewNodeRequest> = {},
): Promise<NodeRequest | undefined> {
  assertTransition('node request', TRANSITIONS, from, to);
  const request = await swapState(tx.db, 'node_requests', id, from, to, set, tx.at);
  if (request === undefined) return undefined;
  const { job_id: jobId, role, reason } = request;
  await tx.record({ kind: 'request', jobId, data: { id, state: to, role, reason } });
  return request;
}

/** Asks for the node of one role of the job. */
export function askForNode(
  tx: Tx,
  job: { id: string; buildId: string; runsOn: string; images?: WantedImages | null },
  role: string,
): Promise<NodeRequest> {
  return ask(
    tx,
    { job_id: job.id, role, runs_on: job.runsOn, images: job.images ?? null, cloud: null, template: null },
    job.buildId,
  );
}

/** Asks for an idle node of the template, for jobs that have not come yet. */
export function askForSpare(tx: Tx, { cloud, name }: { cloud: string; name: string }): Promise<NodeRequest> {
  return ask(tx, { job_id: null, role: 'spare', runs_on: '', images: null, cloud, template: name }, null);
}

type Wish = Pick<NodeRequest, 'job_id' | 'role' | 'runs_on' | 'images' | 'cloud' | 'template'>;

async function ask(tx: Tx, wish: Wish, buildId: string | null): Promise<NodeRequest> {
  const request: NodeRequest = {
    ...wish,
    id: newId(),
    state: 'requested',
    state_since: tx.at,
    declines: [],
    reason: null,
    created_at: tx.at,
  };
  await insertRequest(tx.db, request);
  await tx.record({
    kind: 'request',
    buildId,
    jobId: wish.job_id,
    data: { id: request.id, state: 'requested', role: wish.role, reason: null },
  });
  return request;
}

/** Ends all open requests of the job: it has its nodes, or wants them no more. */
export async function closeRequests(tx: Tx, jobId: string, as: 'fulfilled' | 'withdrawn'): Promise<void> {
  for (const request of await requestsOfJob(tx.db, jobId)) await moveRequest(tx, request.id, OPEN, as);
}

/** The request can't be met by anybody: whoever finds that ends its job, too. Undefined when nobody wants its node any more. */
export function failRequest(tx: Tx, id: string, reason: string): Promise<NodeRequest | undefined> {
  return moveRequest(tx, id, OPEN, 'failed', { reason });
}
