import type { CandidateState } from '#controller/provisioner';
import type { Holding, NodeState, VersionName } from '#controller/store';

/** All that is known about a waiting job's chances of a node. Times in milliseconds since the epoch, spans in milliseconds. */
export interface Outlook {
  /** The job's label expression. */
  runsOn: string;
  candidates: readonly Candidate[];
  nodes: readonly NodeOnItsWay[];
  /** Requests before its own in the queue. */
  ahead: number;
}

/** A template that could serve the job, with what tells how soon. */
export interface Candidate extends CandidateState, UsualStart {
  /** How often its launches failed in a row, and why the last one did; null unless its breaker is open. */
  failing: { failures: number; reason: string | null } | null;
  /** Of its newest nodes: when jobs got them, and when they gave them back. */
  holdings: readonly Holding[];
  /** What its node would be made from, where that is a version of an image stream. */
  image: VersionName | null;
}

export interface NodeOnItsWay extends UsualStart {
  id: string;
  cloud: string;
  template: string;
  state: NodeState;
  createdAt: number;
}

/** How long a template's nodes take from the plan to ready; null while too few starts are known. */
export interface UsualStart {
  /** Half of them take no longer. */
  usualMs: number | null;
  /** 19 of 20 take no longer. */
  tailMs: number | null;
}

export function placeOf({ cloud, template }: { cloud: string; template: string }): string {
  return `${cloud}/${template}`;
}
