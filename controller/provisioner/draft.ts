import type { Refusal, Template } from '#controller/fleet';
import { MAX_DECLINES, type Decline, type Node } from '#controller/store';
import { lastDecline, type Candidates } from './candidates.ts';
import type { OpenRequest } from './ledger.ts';
import type { Refusals } from './refusals.ts';
import type { Situation } from './situation.ts';

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
  /** The static host that the node gets; null where its cloud has none. */
  host: string | null;
}

/** A plan in the making, with what its parts share. */
export interface Draft {
  situation: Situation;
  candidates: Candidates;
  refusals: Refusals;
  plan: Plan;
}

/** The plan is looked at again at that time, or sooner. */
export function lookAgain({ plan }: Draft, at: number | null): void {
  if (at !== null) plan.due = Math.min(plan.due ?? at, at);
}

export function launch(
  { plan, refusals }: Draft,
  planned: { template: Template; request: OpenRequest | null; isHedge: boolean },
): void {
  plan.launches.push({ ...planned, host: refusals.take(planned.template) });
}

/** Notes the no, unless it is the one that the request has heard already. */
export function decline(draft: Draft, request: OpenRequest, template: Template, refusal: Refusal): void {
  lookAgain(draft, refusal.until);
  const { code, reason } = refusal;
  const last = lastDecline(request, template);
  if (last?.code === code && last.reason === reason) return;
  // Where there are more candidates than a request remembers, one more would only put out another one, at each pass anew.
  if (last === undefined && request.declines.length >= MAX_DECLINES) return;
  const { cloud, name } = template;
  const at = draft.situation.now;
  draft.plan.declines.push({ request, decline: { cloud, template: name, code, reason, final: false, at } });
}

/** Whether there is nothing to write down. */
export function isEmpty(plan: Plan): boolean {
  return Object.values(plan).every((part) => !Array.isArray(part) || part.length === 0);
}
