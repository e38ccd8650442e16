import type { LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';

/**
 * The nodes that a pass may give away. They only get fewer, so an expression that found none finds none again; and nodes of the same labels
 * are one group: each expression is matched once with each group, however many jobs and nodes there are.
 */
export interface IdleNodes {
  /** Of those that fit, the first in the given order; undefined when none is left. */
  find(runsOn: string): Node | undefined;
  /** Takes out a node that `find` has returned. */
  drop(node: Node): void;
}

interface Member {
  node: Node;
  /** Where it stands among all nodes. */
  place: number;
}

/** Nodes of the same labels, the first one last: it is taken from there. */
type Group = Member[];

export function createIdleNodes(nodes: readonly Node[], matcher: LabelMatcher): IdleNodes {
  const groups = groupByLabels(nodes, matcher);
  /** By expression: the groups that fit it. */
  const fitting = new Map<string, readonly Group[]>();

  return {
    find(runsOn) {
      let first: Member | undefined;
      for (const group of groupsFor(runsOn)) {
        const head = group.at(-1);
        if (head !== undefined && head.place < (first?.place ?? Infinity)) first = head;
      }
      if (first === undefined) fitting.set(runsOn, []);
      return first?.node;
    },

    drop(node) {
      const group = groups.get(matcher.kindOf(node.labels));
      if (group?.at(-1)?.node === node) group.pop();
    },
  };

  function groupsFor(runsOn: string): readonly Group[] {
    const known = fitting.get(runsOn);
    if (known !== undefined) return known;
    const fresh = [...groups.values()].filter((group) => {
      const head = group.at(-1);
      return head !== undefined && matcher.matches(runsOn, head.node.labels);
    });
    fitting.set(runsOn, fresh);
    return fresh;
  }
}

function groupByLabels(nodes: readonly Node[], matcher: LabelMatcher): Map<string, Group> {
  const members = nodes.map((node, place) => ({ node, place })).toReversed();
  return Map.groupBy(members, ({ node }) => matcher.kindOf(node.labels));
}
