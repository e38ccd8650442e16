import type { Generated } from 'kysely';
import type { Facts } from '#shared/protocol';
import type { Json } from './json.ts';

/** Nodes, who asks for them, and who has them. */

/** In the order in which a node may be in them. */
export const NODE_STATES = [
  'planned',
  'launching',
  'connecting',
  'checking',
  'ready',
  'leased',
  'uploading',
  'held',
  'failed',
  'deleting',
  'deleted',
] as const;
export type NodeState = (typeof NODE_STATES)[number];
export type RequestState = 'requested' | 'pending' | 'fulfilled' | 'failed' | 'withdrawn';
export type LeaseState = 'active' | 'ended';

/**
 * The only templates that may serve (`cloud/template`), each with the version of an image that the node is to be made from; null is what
 * the template says itself.
 */
export type WantedImages = Record<string, string | null>;

export interface NodeRequestTable {
  id: string;
  /** The job that asks, or null for a template's pool. */
  job_id: string | null;
  /** The template whose pool asks: its only candidate. Null for jobs. */
  cloud: string | null;
  template: string | null;
  role: string;
  runs_on: string;
  /** What its nodes are to be made from: see the job's. */
  images: Json<WantedImages> | null;
  state: RequestState;
  state_since: number;
  /** Why each candidate said no, newest last. */
  declines: Json<Decline[]>;
  reason: string | null;
  created_at: number;
}

/**
 * What kind of no it is. `failed` and `refused` are the cloud's own, `labels` is for want of labels that only nodes of the template can tell;
 * all others are the planner's, who did not ask it.
 */
export type DeclineCode =
  | 'quota'
  | 'project-quota'
  | 'reserve'
  | 'rate'
  | 'breaker'
  | 'cordoned'
  | 'hosts'
  | 'labels'
  | 'image'
  | 'aborted'
  | 'failed'
  | 'refused';

/** One candidate's no. `final` ones are never asked again for this request; the others are, by themselves. */
export interface Decline {
  cloud: string;
  template: string;
  code: DeclineCode;
  reason: string;
  final: boolean;
  at: number;
}

/**
 * Why a node did not become ready, or was lost before its job. `aborted` counts against nobody; the others count against the template: its
 * cloud did not launch it, its agent did not dial in, its checks failed, its agent was lost, its resource vanished.
 */
export type NodeFailure = 'aborted' | 'launch' | 'connect' | 'check' | 'lost' | 'vanished';

export interface NodeTable {
  id: string;
  cloud: string;
  template: string;
  /** Digest of the template's settings at the time, empty where an earlier Footman made the node; a pool replaces nodes of another one. */
  template_digest: string;
  /** The image that the cloud took, where it says; a pool replaces nodes of another one. */
  image: string | null;
  /** The version of an image stream that it is made from; null where its template's own image is no stream's. */
  version_id: string | null;
  /** 1 where that was made for those alone who ask for this very version: no other job gets the node. */
  pinned: Generated<number>;
  /** The version that it is being captured as: its agent is gone for good, and nobody misses it. */
  capture_id: string | null;
  /** The static host that the node has for itself, where its template has such. */
  host: string | null;
  /** The request that it was planned for; any job that it fits may get it. */
  request_id: string | null;
  labels: Json<string[]>;
  state: NodeState;
  state_since: number;
  reason: string | null;
  failure: NodeFailure | null;
  /** Launched because the request's first node was slower than usual (0 or 1). */
  hedge: number;
  /** Why no job may get it, in the words of whoever cordoned it. */
  cordoned: string | null;
  /** The cloud's own handle of the resource, once it told one. */
  resource: string | null;
  facts: Json<Facts> | null;
  /** The boot in which it serves, as its agent told; null where it does not tell. */
  boot: string | null;
  /** Until when its machine has to be back from the reboot that its job asked for; null while there is none. */
  reboot_due_at: number | null;
  /** When the bootstrap token was used; it is void from then on. */
  bootstrap_used_at: number | null;
  /** Raised by every connection: a token with a smaller number is stale. */
  session_epoch: number;
  /** Since when the agent has no connection; null while it has one. */
  disconnected_at: number | null;
  /** Removal attempts that failed so far, and when the next is due. */
  removal_failures: number;
  removal_due_at: number | null;
  /** When the cloud accepted to stop it; it is removed later, off everybody's way. */
  stopped_at: number | null;
  /** When its request was made. */
  requested_at: number | null;
  created_at: number;
  launched_at: number | null;
  connected_at: number | null;
  /** When it became ready for the first time. */
  ready_at: number | null;
  /** When its checks last passed. */
  checked_at: number | null;
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

/** What is kept of a node that failed: what it printed outside its job, and what its checks said (JSON). */
export interface NodeReportTable {
  node_id: string;
  kind: NodeReportKind;
  at: number;
  text: string;
}

export type NodeReportKind = 'console' | 'check';

/** Somebody keeps new nodes from coming from a cloud (`docker`) or a template (`docker/debian`), and jobs from getting its ready ones. */
export interface CordonTable {
  target: string;
  reason: string;
  /** Name of the token that did it. */
  actor: string;
  at: number;
}

/**
 * `free` may serve a node; `busy` has one; `resetting` is being returned to its known state; `quarantined` failed at that, or its node
 * failed, and is tried again later.
 */
export type HostState = 'free' | 'busy' | 'resetting' | 'quarantined';

/** A machine that is there all the time, and serves one node after another. */
export interface HostTable {
  cloud: string;
  name: string;
  state: HostState;
  state_since: number;
  reason: string | null;
  node_id: string | null;
  /** How often in a row it failed. */
  failures: number;
  /** When a quarantined host is reset again. */
  due_at: number | null;
}

/** A label that the nodes of a template turned out to have, beside those that are configured. */
export interface TemplateLabelTable {
  cloud: string;
  template: string;
  /** The template's digest at the time: what a changed template makes may have other facts. */
  digest: string;
  labels: Json<string[]>;
}

/** A resource that the sweep found without a living node. */
export interface LeakTable {
  id: string;
  cloud: string;
  resource: string;
  node_id: string;
  kind: string;
  reason: string;
  found_at: number;
  /** When the cloud confirmed that it is gone. */
  removed_at: number | null;
}
