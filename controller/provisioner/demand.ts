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
  const unmet = withoutOwn.filter((request) => {
    const fit = [...free.values()].find((node) => matcher.matches(request.runs_on, new Set(node.labels)));
    if (fit === undefined) return true;
    free.delete(fit.id);
    return false;
  });
  return { unmet, spare: [...free.values()] };
}

function isUnleased(node: Node): boolean {
  return (UNLEASED as readonly NodeState[]).includes(node.state);
}
