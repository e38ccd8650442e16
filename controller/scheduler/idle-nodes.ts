import { hasWantedImage, imageKindOf, wishKey, type LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import type { QueuedJob } from './queue-store.ts';

/**
 * The nodes that a pass may give away. They only get fewer, so a wish that found none finds none again; and nodes of the same labels and image
 * are one group: each wish is matched once with each group, however many jobs and nodes there are.
 */
export interface IdleNodes {
  /** Of those that fit, the first in the given order; undefined when none is left. */
  find(wish: Wish): Node | undefined;
  /** Takes out a node that `find` has returned. */
  drop(node: Node): void;
}

/** What a job asks of its node. */
type Wish = Pick<QueuedJob, 'runsOn' | 'images'>;

interface Member {
  node: Node;
  /** Where it stands among all nodes. */
  place: number;
}

/** Nodes of the same labels and image, the first one last: it is taken from there. */
type Group = Member[];

export function createIdleNodes(nodes: readonly Node[], matcher: LabelMatcher): IdleNodes {
  const groups = groupByKind(nodes, matcher);
  /** By wish: the groups that fit it. */
  const fitting = new Map<string, readonly Group[]>();

  return {
    find(wish) {
      const key = wishKey(wish.runsOn, wish.images);
      let first: Member | undefined;
      for (const group of groupsFor(key, wish)) {
        const head = group.at(-1);
        if (head !== undefined && head.place < (first?.place ?? Infinity)) first = head;
      }
      if (first === undefined) fitting.set(key, []);
      return first?.node;
    },

    drop(node) {
      const group = groups.get(kindOf(node, matcher));
      if (group?.at(-1)?.node === node) group.pop();
    },
  };

  function groupsFor(key: string, { runsOn, images }: Wish): readonly Group[] {
    const known = fitting.get(key);
    if (known !== undefined) return known;
    const fresh = [...groups.values()].filter((group) => {
      const head = group.at(-1)?.node;
      return head !== undefined && hasWantedImage(head, images) && matcher.matches(runsOn, head.labels);
    });
    fitting.set(key, fresh);
    return fresh;
  }
}

function groupByKind(nodes: readonly Node[], matcher: LabelMatcher): Map<string, Group> {
  const members = nodes.map((node, place) => ({ node, place })).toReversed();
  return Map.groupBy(members, ({ node }) => kindOf(node, matcher));
}

function kindOf(node: Node, matcher: LabelMatcher): string {
  return `${imageKindOf(node)} ${matcher.kindOf(node.labels)}`;
}
