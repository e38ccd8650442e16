import { cordonOf } from '#controller/fleet';
import { UNLEASED } from '#controller/nodes';
import { hasWantedImage, imageKindOf, pinOf, wishKey, type LabelMatcher } from '#controller/matching';
import type { Node, NodeState, WantedImages } from '#controller/store';
import { isDoubtful } from './hedging.ts';
import type { OpenRequest } from './open-request.ts';
import { createProjectRoom, type ProjectRoom } from './project-room.ts';
import type { Situation } from './situation.ts';

export interface Demand {
  /** Requests of jobs with the nodes that were launched for them, be they ready or on their way. */
  served: { request: OpenRequest; nodes: readonly Node[] }[];
  /** Requests of jobs for which no node is ready or on its way, in their order. */
  unmet: OpenRequest[];
  /** Nodes, ready or on their way, that no job's request wants: those that any job may have first, the one nearest to a job before the others. */
  spare: Node[];
  /** What projects may still have beyond what the requests above get. */
  room: ProjectRoom;
}

/** The nearer to a job, the sooner it is given. */
const NEARNESS: Partial<Record<NodeState, number>> = {
  ready: 0,
  checking: 1,
  connecting: 2,
  launching: 3,
  planned: 4,
};

/**
 * Sets the requests of jobs against the nodes that are ready or on their way. A request keeps the nodes that were launched for it, else it
 * gets the nearest that fits, one that a pool launched included, but none that may never come. None goes beyond its project's limit, where no
 * node would be given to it. What is left over on either side is what has to be launched, or has no job.
 */
export function matchDemand(
  requests: readonly OpenRequest[],
  situation: Pick<Situation, 'nodes' | 'usage' | 'cordons' | 'matcher' | 'breakers' | 'now'>,
): Demand {
  const { nodes, usage, cordons, matcher } = situation;
  const unleased = nodes.filter(
    (node) => (UNLEASED as readonly NodeState[]).includes(node.state) && cordonOf(node, cordons) === null,
  );
  const own = Map.groupBy(unleased, (node) => node.request_id);
  const taken = new Set<Node>();
  const room = createProjectRoom(usage);
  const demand: Demand = { served: [], unmet: [], spare: [], room };
  const others: OpenRequest[] = [];
  for (const request of requests) {
    const nodes = own.get(request.id)?.filter((node) => maySuit(node, request));
    if (nodes === undefined || nodes.length === 0) others.push(request);
    else {
      for (const node of nodes) taken.add(node);
      room.take(request);
      demand.served.push({ request, nodes });
    }
  }
  const rest = unleased.filter((node) => !taken.has(node));
  const doubtful = new Set(rest.filter((node) => isDoubtful(node, situation)));
  const free = createFreeNodes(
    rest.filter((node) => !doubtful.has(node)),
    matcher,
  );
  for (const request of others) {
    if (room.refusal(request) === null && free.take(request)) room.take(request);
    else demand.unmet.push(request);
  }
  const spare = [...free.rest(), ...doubtful];
  demand.spare = [
    ...spare.filter((node) => pinOf(node) === null),
    ...spare.filter((node) => pinOf(node) !== null),
  ];
  return demand;

  /** One that has told of itself may turn out to be another than its template promised. */
  function maySuit({ facts, labels }: Node, { runsOn }: OpenRequest): boolean {
    return facts === null || matcher.matches(runsOn, labels);
  }
}

/** Nodes by their labels and images: as many steps for a request as there are kinds of nodes, however many nodes there are. */
function createFreeNodes(nodes: readonly Node[], matcher: LabelMatcher) {
  const kinds = Map.groupBy(
    nodes.toSorted((a, b) => nearness(a) - nearness(b)),
    (node) => `${imageKindOf(node)} ${matcher.kindOf(node.labels)}`,
  );
  // Nodes only get fewer: what found none finds none again.
  const hopeless = new Set<string>();

  return {
    take({ runsOn, images }: OpenRequest): boolean {
      const key = wishKey(runsOn, images);
      if (hopeless.has(key)) return false;
      const nearest = nearestKind(runsOn, images);
      if (nearest === undefined) hopeless.add(key);
      nearest?.shift();
      return nearest !== undefined;
    },
    rest: () => [...kinds.values()].flat().toSorted((a, b) => nearness(a) - nearness(b)),
  };

  function nearestKind(runsOn: string, images: WantedImages | null): Node[] | undefined {
    let best: Node[] | undefined;
    for (const kind of kinds.values()) {
      const [head] = kind;
      if (head === undefined || !hasWantedImage(head, images)) continue;
      if (!matcher.matches(runsOn, head.labels)) continue;
      const [other] = best ?? [];
      if (other === undefined || nearness(head) < nearness(other)) best = kind;
    }
    return best;
  }
}

function nearness(node: Node): number {
  return NEARNESS[node.state] ?? 0;
}
