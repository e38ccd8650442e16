import type { Node } from '#controller/store';
import type { Fleet } from './fleet.ts';
import type { Template } from './open-cloud.ts';

/** Of two templates that serve a job alike, the one to take comes first: the greater weight, then the lower cost. */
export function compareTemplates(a: Template, b: Template): number {
  return b.weight - a.weight || a.cost - b.cost;
}

/** The same for idle nodes; one whose template is not configured any more comes last. Others keep their order. */
export function preferredFirst(nodes: readonly Node[], fleet: Pick<Fleet, 'template'>): Node[] {
  const templates = new Map(nodes.map((node) => [node, fleet.template(node.cloud, node.template)]));
  return nodes.toSorted((a, b) => {
    const [one, other] = [templates.get(a), templates.get(b)];
    if (one === undefined || other === undefined)
      return Number(one === undefined) - Number(other === undefined);
    return one === other ? 0 : compareTemplates(one, other);
  });
}
