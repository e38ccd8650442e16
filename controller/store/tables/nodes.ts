import type { Facts } from '#shared/protocol';
import type { Json } from './json.ts';

/** Nodes, who asks for them, and who has them. */

export type NodeState =
  | 'planned'
  | 'launching'
  | 'connecting'
  | 'checking'
  | 'ready'
  | 'leased'
  | 'held'
  | 'failed'
  | 'deleting'
  | 'deleted';
export type RequestState = 'requested' | 'pending' | 'fulfilled' | 'failed' | 'withdrawn';
export type LeaseState = 'active' | 'ended';

export interface NodeRequestTable {
  id: string;
  /** The job that asks, or null for a template's `min-ready`. */
  job_id: string | null;
  role: string;
  runs_on: string;
  state: RequestState;
  state_since: number;
  /** Why each candidate said no, newest last. */
  declines: Json<Decline[]>;
  reason: string | null;
  created_at: number;
}

/** One candidate's no. `final` ones are never asked again for this request; the others at `retryAt`, by themselves. */
export interface Decline {
  cloud: string;
  template: string;
  reason: string;
  final: boolean;
  at: number;
}

export interface NodeTable {
  id: string;
  cloud: string;
  template: string;
  /** The request that it was planned for; any job that it fits may get it. */
  request_id: string | null;
  labels: Json<string[]>;
  state: NodeState;
  state_since: number;
  reason: string | null;
  /** The cloud's own handle of the resource, once it told one. */
  resource: string | null;
  facts: Json<Facts> | null;
  /** When the bootstrap token was used; it is void from then on. */
  bootstrap_used_at: number | null;
  /** Raised by every connection: a token with a smaller number is stale. */
  session_epoch: number;
  /** Since when the agent has no connection; null while it has one. */
  disconnected_at: number | null;
  /** Removal attempts that failed so far, and when the next is due. */
  removal_failures: number;
  removal_due_at: number | null;
  created_at: number;
  launched_at: number | null;
  connected_at: number | null;
  ready_at: number | null;
  leased_at: number | null;
  deleted_at: number | null;
}

export interface LeaseTable {
  id: string;
  job_id: string;
  /** Fences off stale agents: a result counts only from the job's newest epoch. */
  epoch: number;
  state: LeaseState;
  created_at: number;
  ended_at: number | null;
}

export interface LeaseNodeTable {
  lease_id: string;
  node_id: string;
  /** Which of the job's nodes this is; `main` where the job has only one. */
  role: string;
}
