import { cordonOfTemplate } from './cordon.ts';
import type { OpenRequest } from './ledger.ts';
import { countOccupancy, type Occupancy } from './occupancy.ts';
import type { Template } from './open-cloud.ts';
import type { Refusal } from './refusal.ts';
import type { Situation } from './situation.ts';

/** Of what no job waits for. */
const POOL = -1;

/** Why a candidate can't have one more node now, as far as the planner knows without asking its cloud. */
export interface Refusals {
  of(template: Template, request: Pick<OpenRequest, 'priority'> | null): Refusal | null;
  /** One more node of the template will be launched; the static host that it gets, or null where its cloud has none. */
  take(template: Template): string | null;
}

export function createRefusals(situation: Situation): Refusals {
  const { nodes, cordons, fleet, breakers, rates, now } = situation;
  // Most plans launch nothing, and need not count.
  let counted: Occupancy | undefined;
  const freeHosts = new Map([...situation.freeHosts].map(([cloud, names]) => [cloud, new Set(names)]));
  const known = new Map<Template, { refusal: Refusal; priority: number }>();

  return {
    of(template, request) {
      const priority = request?.priority ?? POOL;
      const before = known.get(template);
      // Room only gets less during a plan: what one was refused, no lesser one gets.
      if (before !== undefined && priority <= before.priority) return before.refusal;
      const refusal = refusalOf(template, request);
      if (refusal !== null) known.set(template, { refusal, priority });
      return refusal;
    },
    take(template) {
      const cloud = fleet.cloud(template.cloud);
      if (cloud !== undefined) rates.take(cloud, now);
      occupancy().add(template);
      const [host = null] = hostsLeft(template) ?? [];
      if (host !== null) freeHosts.get(template.cloud)?.delete(host);
      return host;
    },
  };

  function occupancy(): Occupancy {
    return (counted ??= countOccupancy(nodes, fleet));
  }

  function refusalOf(template: Template, request: Pick<OpenRequest, 'priority'> | null): Refusal | null {
    const cloud = fleet.cloud(template.cloud);
    const cordon = cordonOfTemplate(template, cordons);
    if (cordon !== null) return { code: 'cordoned', reason: cordon, until: null };
    if (cloud === undefined) return null;
    return (
      breakers.refusal(template, occupancy().onTheWay(template), now) ??
      occupancy().refusal(cloud, template, request) ??
      hostRefusal(template) ??
      rates.refusal(cloud, now)
    );
  }

  function hostRefusal(template: Template): Refusal | null {
    if (hostsLeft(template)?.length !== 0) return null;
    const reason = `all static hosts of template ${template.name} are busy, being reset, or quarantined`;
    return { code: 'hosts', reason, until: null };
  }

  /** Those that fit, the best first; undefined where nodes of the template have no host of their own. */
  function hostsLeft(template: Template): string[] | undefined {
    const all = fleet.cloud(template.cloud)?.cloud.hosts?.of(template.settings) ?? null;
    if (all === null) return undefined;
    return [...(freeHosts.get(template.cloud) ?? [])].filter((host) => all.includes(host));
  }
}
