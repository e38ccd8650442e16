import { finishJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { LabelMatcher } from '#controller/matching';
import { retireUnleased } from '#controller/nodes';
import { failRequest, moveRequest } from '#controller/requests';
import { liveNodes, openRequests, recordDecline, type Node, type Store } from '#controller/store';
import { createBackoff } from './backoff.ts';
import { intendNode } from './intend-node.ts';
import { createLauncher } from './launcher.ts';
import type { CloudSet } from './open-cloud.ts';
import { deadlineOf, type NodeTimeouts } from './overdue.ts';
import { plan, type Plan } from './plan.ts';

export interface Provisioner {
  /** One pass. Returns when the next deadline or retry is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Takes note of nodes that became ready; tells whether these changes are a reason to plan at once. */
  observe(changes: readonly Change[]): boolean;
  /** Resolves when no call to a cloud's `launch` is under way for this node. */
  launchSettled(nodeId: string): Promise<void>;
  /** Resolves when no call to a cloud's `launch` is under way. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  matcher: LabelMatcher;
  clouds: CloudSet;
  bootstrapToken(nodeId: string): string;
  timeouts: NodeTimeouts & { launchMs: number };
  signal: AbortSignal;
}

/** Node requests → nodes: plans by arithmetic, writes the intent, asks the clouds, and gives up on what takes too long. */
export function createProvisioner(deps: Deps): Provisioner {
  const { store, journal, clock, matcher, clouds, timeouts } = deps;
  const backoff = createBackoff();
  const launcher = createLauncher({ ...deps, backoff, launchTimeoutMs: timeouts.launchMs });

  return {
    async run() {
      const nodes = await liveNodes(store.db);
      const overdue = await giveUpOverdue(nodes);
      const requests = await openRequests(store.db);
      const present = overdue.any ? await liveNodes(store.db) : nodes;
      const next = plan({ requests, nodes: present, clouds, matcher, backoff, now: clock.now() });
      const planned = await carryOut(next);
      // Those of an earlier life of the controller are launched again: the call is idempotent.
      for (const node of present)
        if (node.state === 'planned' || node.state === 'launching') launcher.launch(node);
      for (const node of planned) launcher.launch(node);
      return earliest(overdue.due, next.due);
    },

    observe(changes) {
      for (const { kind, data } of changes) {
        if (kind === 'node' && data.state === 'ready' && data.connected !== false) forgive(data);
      }
      return changes.some(
        ({ kind, data }) =>
          kind === 'request' ||
          (kind === 'node' && (WAKING_STATES.has(data.state) || data.connected === false)) ||
          (kind === 'job' && data.state === 'finished'),
      );
    },

    launchSettled: launcher.launchSettled,
    settled: () => launcher.settled(),
  };

  function forgive({ cloud, template: name }: Change['data']): void {
    const template = clouds.find((open) => open.name === cloud)?.templates.find((one) => one.name === name);
    if (template !== undefined) backoff.succeeded(template);
  }

  async function giveUpOverdue(nodes: readonly Node[]): Promise<{ any: boolean; due: number | null }> {
    let any = false;
    let due: number | null = null;
    for (const node of nodes) {
      const deadline = deadlineOf(node, timeouts);
      if (deadline === null) continue;
      if (deadline.at > clock.now()) due = earliest(due, deadline.at);
      else {
        await launcher.giveUp(node, deadline.reason);
        any = true;
      }
    }
    return { any, due };
  }

  /** Writes the plan down and returns the nodes to launch. */
  async function carryOut({ launches, declines, failures, retire }: Plan): Promise<Node[]> {
    if (launches.length + declines.length + failures.length + retire.length === 0) return [];
    return journal.commit(async (tx) => {
      for (const { request, decline } of declines) await recordDecline(tx.db, request.id, decline);
      for (const { request, reason } of failures) {
        await failRequest(tx, request.id, reason);
        if (request.job_id !== null)
          await finishJob(tx, request.job_id, { result: 'errored', reason, from: ['queued'] });
      }
      for (const node of retire) await retireUnleased(tx, node.id, 'no job wants it');
      const planned: Node[] = [];
      for (const { template, request } of launches) {
        planned.push(await intendNode(tx, template, request?.id ?? null));
        if (request !== null) await moveRequest(tx, request.id, ['requested'], 'pending');
      }
      return planned;
    });
  }
}

/** Node states after which a plan may look different. */
const WAKING_STATES: ReadonlySet<string> = new Set(['connecting', 'leased', 'deleting', 'deleted']);

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
