import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Fleet, Template } from '#controller/fleet';
import { nodesInStates, type Node, type Store } from '#controller/store';
import { moveNode } from '../life-cycle.ts';

/** Idle nodes may go bad while they wait: each is looked at again now and then. */
export interface Rechecker {
  /** Sends those that are due back to `checking`, where the gateway looks at them. Returns when the next one is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  fleet: Fleet;
}

interface Due {
  node: Node;
  at: number;
}

/**
 * A node that a job takes first is left to it: `ready → checking` and `ready → leased` are the same compare-and-swap (I1). Of a template's
 * idle nodes never more than half are looked at again at a time, or one: a pool never vanishes as a whole.
 */
export function createRechecker({ store, journal, clock, fleet }: Deps): Rechecker {
  return {
    async run() {
      const templates = checkedAgain(fleet);
      if (templates.length === 0) return null;
      const nodes = await nodesInStates(store.db, ['ready', 'checking']);
      const now = clock.now();
      let next: number | null = null;
      for (const { template, everyMs } of templates) {
        const { due, later } = schedule(nodesOf(template, nodes), everyMs, now);
        for (const node of due) await journal.commit((tx) => moveNode(tx, node.id, ['ready'], 'checking'));
        if (later !== null) next = Math.min(next ?? later, later);
      }
      return next;
    },
    // What became ready has its time; what has left makes room for the next.
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          kind === 'configuration' ||
          kind === 'cordon' ||
          (kind === 'node' && (data.state === 'ready' || data.state === 'failed')),
      ),
  };
}

/** Templates whose idle nodes are looked at again, and how often; most have none. */
function checkedAgain(fleet: Fleet): { template: Template; everyMs: number }[] {
  return fleet.templates().flatMap((template) => {
    const everyMs = template.checks?.everyMs ?? null;
    return everyMs === null ? [] : [{ template, everyMs }];
  });
}

/** Those that have been ready before: what is looked at for the first time is in nobody's pool yet. */
function nodesOf({ cloud, name }: Template, nodes: readonly Node[]): Node[] {
  return nodes.filter((node) => node.cloud === cloud && node.template === name && node.ready_at !== null);
}

/** The ones to look at now, the most overdue first, and when the next one will be due. */
function schedule(
  nodes: readonly Node[],
  everyMs: number,
  now: number,
): { due: Node[]; later: number | null } {
  const idle = nodes.filter(({ state }) => state === 'ready');
  const room = Math.max(1, Math.floor(nodes.length / 2)) - (nodes.length - idle.length);
  const times = idle
    // An agent that is away can't look; its own time limit decides. A node that somebody cordoned stays as it is, to be looked at.
    .filter((node) => node.disconnected_at === null && node.cordoned === null)
    .map((node): Due => ({ node, at: (node.checked_at ?? node.ready_at ?? node.state_since) + everyMs }))
    .sort((one, other) => one.at - other.at);
  const due = times.filter(({ at }) => at <= now).slice(0, Math.max(0, room));
  // Those that are due and have no room wait for one that comes back.
  const later = times.find(({ at }) => at > now)?.at ?? null;
  return { due: due.map(({ node }) => node), later };
}
