import type { Node } from '#controller/store';
import type { OpenCloud, Template } from './open-cloud.ts';

/** Counts nodes against quotas: every node that is not yet gone counts, the failed and the dying included (L11). */
export interface Occupancy {
  /** Why one more node of the template would be too many, or null. */
  full(cloud: OpenCloud, template: Template): string | null;
  add(template: Template): void;
}

export function countOccupancy(nodes: readonly Node[]): Occupancy {
  const byCloud = new Map<string, number>();
  const byTemplate = new Map<string, number>();
  for (const node of nodes) count(node.cloud, node.template);

  return {
    full(cloud, template) {
      const inCloud = byCloud.get(cloud.name) ?? 0;
      if (inCloud >= cloud.maxNodes)
        return `cloud ${cloud.name} is at its quota, ${inCloud} of ${cloud.maxNodes} nodes`;
      const ofTemplate = byTemplate.get(keyOf(template.cloud, template.name)) ?? 0;
      if (ofTemplate < template.maxNodes) return null;
      return `template ${template.name} is at its quota, ${ofTemplate} of ${template.maxNodes} nodes`;
    },
    add: (template) => count(template.cloud, template.name),
  };

  function count(cloud: string, template: string): void {
    byCloud.set(cloud, (byCloud.get(cloud) ?? 0) + 1);
    const key = keyOf(cloud, template);
    byTemplate.set(key, (byTemplate.get(key) ?? 0) + 1);
  }
}

function keyOf(cloud: string, template: string): string {
  return JSON.stringify([cloud, template]);
}
