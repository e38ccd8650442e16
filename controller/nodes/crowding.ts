import type { Fleet, Occupancy, OpenCloud, Quota, Template, Usage } from '#controller/fleet';
import type { Waiting } from './teardown.ts';

/** A quota of which so much is used may be reached by the next job. */
const NEARLY = 0.8;

/**
 * Why somebody may need the place that a stopped node has in a quota: that of its cloud or its template is reached or nearly, or has no
 * room for one more node of some template, or only a reserve is left.
 */
export function crowdingIn(
  fleet: Fleet,
  occupancy: Pick<Occupancy, 'refusal' | 'ofCloud' | 'ofTemplate'>,
): (node: Waiting) => string | null {
  const byCloud = new Map(fleet.clouds().map((cloud) => [cloud.name, crowdingOfCloud(cloud)]));
  const byTemplate = new Map(fleet.templates().map((template) => [template, crowdingOfTemplate(template)]));

  return ({ cloud, template: name }) => {
    const template = fleet.template(cloud, name);
    return byCloud.get(cloud) ?? (template === undefined ? null : (byTemplate.get(template) ?? null));
  };

  /** Room in a cloud is everybody's: a node of one template may stand in the way of another's. */
  function crowdingOfCloud(cloud: OpenCloud): string | null {
    return nearly(`cloud ${cloud.name}`, occupancy.ofCloud(cloud.name), cloud.quota) ?? lackOfRoom(cloud);
  }

  function lackOfRoom(cloud: OpenCloud): string | null {
    for (const template of cloud.templates) {
      // Its own quota is looked at for itself: nodes of others don't count there.
      const alone = { ...template, quota: UNLIMITED };
      const refusal = occupancy.refusal(cloud, alone, null);
      if (refusal !== null) return refusal.reason;
    }
    return null;
  }

  function crowdingOfTemplate(template: Template): string | null {
    const whose = `template ${template.cloud}/${template.name}`;
    const known = nearly(whose, occupancy.ofTemplate(template), template.quota);
    if (known !== null) return known;
    const cloud = fleet.cloud(template.cloud);
    return cloud === undefined ? null : (occupancy.refusal(cloud, template, null)?.reason ?? null);
  }
}

const UNLIMITED: Quota = { nodes: null, cpus: null, memoryBytes: null };

function nearly(whose: string, usage: Usage, quota: Quota): string | null {
  const full = (['nodes', 'cpus', 'memoryBytes'] as const).some((what) => {
    const limit = quota[what];
    return limit !== null && usage[what] >= limit * NEARLY;
  });
  return full ? `the quota of ${whose} is used up, or nearly` : null;
}
