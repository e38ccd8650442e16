import type { Template } from '#controller/fleet';
import type { Decline, Node } from '#controller/store';
import type { OpenRequest } from './open-request.ts';

/** What to do so that what is becomes what should be. */
export interface Plan {
  launches: PlannedLaunch[];
  declines: { request: OpenRequest; decline: Decline }[];
  /** Requests that nobody can ever meet. */
  failures: { request: OpenRequest; reason: string }[];
  /** Requests of pools whose node is ready, or has a job already. */
  fulfilled: OpenRequest[];
  /** Requests of pools that are large enough without. */
  withdrawn: OpenRequest[];
  /** Nodes without work. */
  retire: { node: Node; reason: string }[];
  /** When the plan may look different though nothing has happened, in milliseconds since the epoch; null if never. */
  due: number | null;
}

export interface PlannedLaunch {
  template: Template;
  /** Null where a pool needs a request more than it has. */
  request: OpenRequest | null;
  /** The request has a node on its way already, which is slower than usual. */
  isHedge: boolean;
  /** The version that the node is made from, for those alone who ask for it; null for what its template says, for everybody. */
  pin: string | null;
  /** The static host that the node gets; null where its cloud has none. */
  host: string | null;
}

/** Whether there is nothing to write down. */
export function isEmpty(plan: Plan): boolean {
  return Object.values(plan).every((part) => !Array.isArray(part) || part.length === 0);
}
