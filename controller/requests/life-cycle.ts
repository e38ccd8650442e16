import { assertTransition, type Transitions, type Tx } from '#controller/events';
import {
  insertRequest,
  newId,
  requestsOfJob,
  swapState,
  type Job,
  type NewNodeRequest,
  type NodeRequest,
  type RequestState,
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
export async function askForNode(tx: Tx, job: Job, role: string): Promise<NodeRequest> {
  const request: NodeRequest = {
    id: newId(),
    job_id: job.id,
    role,
    runs_on: job.runs_on,
    state: 'requested',
    state_since: tx.at,
    declines: [],
    reason: null,
    created_at: tx.at,
  };
  await insertRequest(tx.db, request);
  await tx.record({
    kind: 'request',
    buildId: job.build_id,
    jobId: job.id,
    data: { id: request.id, state: 'requested', role, reason: null },
  });
  return request;
}

/** Ends all open requests of the job: it has its nodes, or wants them no more. */
export async function closeRequests(tx: Tx, jobId: string, as: 'fulfilled' | 'withdrawn'): Promise<void> {
  for (const request of await requestsOfJob(tx.db, jobId)) await moveRequest(tx, request.id, OPEN, as);
}

/** The request can't be met by anybody: the scheduler ends its job with the reason. */
export async function failRequest(tx: Tx, id: string, reason: string): Promise<void> {
  await moveRequest(tx, id, OPEN, 'failed', { reason });
}
