import { UNLEASED } from '#controller/nodes';
import type { LabelMatcher } from '#controller/matching';
import type { Node, NodeRequest, NodeState } from '#controller/store';

export interface Matched {
  /** Requests for which no node is ready or on its way. */
  unmet: NodeRequest[];
  /** Nodes, ready or on their way, that no request wants. */
  spare: Node[];
}

/**
 * Sets open requests against the nodes that are ready or on their way, one node each. A request gets the node that was planned for it, else
 * the first that fits. What is left over on either side is what has to be launched, or has no work.
 */
export function matchDemand(
  requests: readonly NodeRequest[],
  nodes: readonly Node[],
  matcher: LabelMatcher,
): Matched {
  const free = new Map(nodes.filter(isUnleased).map((node) => [node.id, node]));
  const planned = new Map([...free.values()].map((node) => [node.request_id, node]));

  const withoutOwn = requests.filter((request) => {
    const own = planned.get(request.id);
    if (own === undefined) return true;
    free.delete(own.id);
    return false;
  });
  const labels = new Map([...free.values()].map((node) => [node, new Set(node.labels)]));
  // Nodes only get fewer: what found none finds none again.
  const hopeless = new Set<string>();
  const unmet = withoutOwn.filter(({ runs_on: runsOn }) => {
    if (hopeless.has(runsOn)) return true;
    const fit = free.values().find((node) => matcher.matches(runsOn, labels.get(node) ?? new Set()));
    if (fit === undefined) hopeless.add(runsOn);
    else free.delete(fit.id);
    return fit === undefined;
  });
  return { unmet, spare: [...free.values()] };
}

function isUnleased(node: Node): boolean {
  return (UNLEASED as readonly NodeState[]).includes(node.state);
}
