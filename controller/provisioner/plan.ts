import type { Decline, Node } from '#controller/store';
import { orderQueue } from '#controller/queue';
import { createCandidates, type Candidates } from './candidates.ts';
import { matchDemand } from './demand.ts';
import type { OpenRequest } from './ledger.ts';
import type { Template } from './open-cloud.ts';
import { makeRoom } from './make-room.ts';
import { planPools } from './plan-pools.ts';
import { planRequests } from './plan-requests.ts';
import { createRefusals, type Refusals } from './refusals.ts';
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

/**
 * Planning is arithmetic (L10): `to launch = wanted + pools − (ready + on the way)`, bounded by quotas, rates and breakers. It has no state of
 * its own and no ticks: it is run whenever a request comes or a node goes. A request that can't be met now never keeps a later one from
 * being met (I8).
 */
export function plan(situation: Situation): Plan {
  const plan: Plan = {
    launches: [],
    declines: [],
    failures: [],
    fulfilled: [],
    withdrawn: [],
    retire: [],
    due: null,
  };
  const draft: Draft = {
    situation,
    candidates: createCandidates(situation),
    refusals: createRefusals(situation),
    plan,
  };
  const { requests, usage, now } = situation;
  const ofJobs = orderQueue(
    requests.filter(({ pool }) => pool === null),
    usage,
    now,
  );
  const demand = matchDemand(ofJobs, situation);
  const crowded = planRequests(draft, demand);
  planPools(draft, makeRoom(draft, crowded, demand.spare), crowded);
  return plan;
}

/** The plan is looked at again at that time, or sooner. */
export function lookAgain({ plan }: Draft, at: number | null): void {
  if (at !== null) plan.due = Math.min(plan.due ?? at, at);
}

/** Whether there is nothing to write down. */
export function isEmpty({ due: _, ...effects }: Plan): boolean {
  return Object.values(effects).every((list) => list.length === 0);
}
