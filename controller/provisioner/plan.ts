import { orderQueue } from '#controller/queue';
import { createCandidates } from './candidates.ts';
import { matchDemand } from './demand.ts';
import type { Draft } from './draft.ts';
import type { Plan } from './planned.ts';
import { makeRoom } from './make-room.ts';
import { letGoOfPinned, planPools } from './plan-pools.ts';
import { planRequests } from './plan-requests.ts';
import { createRefusals } from './refusals.ts';
import type { Situation } from './situation.ts';

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
  const staying = makeRoom(draft, crowded, demand.spare);
  letGoOfPinned(draft, staying, demand.unmet);
  planPools(draft, staying, crowded);
  return plan;
}
