import type { Clock } from '#controller/clock';
import type { Change } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import type { Breakers } from './breaker.ts';
import { explainRequest, type RequestExplanation } from './explanation.ts';
import type { Fleet } from './fleet.ts';
import type { LaunchHistory } from './launch-history.ts';
import type { LaunchRates } from './launch-rates.ts';
import { createLauncher } from './launcher.ts';
import { learnFrom } from './learning.ts';
import type { Ledger } from './ledger.ts';
import { deadlineOf, type NodeTimeouts } from './overdue.ts';
import { isEmpty, plan } from './plan.ts';
import type { Pools } from './pool/index.ts';
import type { Situation } from './situation.ts';

export interface Provisioner {
  /** One pass. Returns when the next deadline or retry is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Learns from nodes that became ready or failed, and from jobs that came; tells whether these changes are a reason to plan at once. */
  observe(changes: readonly Change[]): boolean;
  /** Why the job has no node yet; undefined when it does not ask for one. */
  explain(jobId: string): Promise<RequestExplanation | undefined>;
  /** Resolves when no call to a cloud's `launch` is under way for this node. */
  launchSettled(nodeId: string): Promise<void>;
  /** Resolves when no call to a cloud's `launch` is under way. */
  settled(): Promise<void>;
}

interface Deps {
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  matcher: LabelMatcher;
  fleet: Fleet;
  breakers: Breakers;
  rates: LaunchRates;
  history: LaunchHistory;
  pools: Pools;
  bootstrapToken(nodeId: string): string;
  timeouts: NodeTimeouts & { launchMs: number };
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** Node requests → nodes: plans by arithmetic, writes the intent, asks the clouds, and gives up on what takes too long. */
export function createProvisioner(deps: Deps): Provisioner {
  const { ledger, clock, fleet, timeouts } = deps;
  const launcher = createLauncher({ ...deps, launchTimeoutMs: timeouts.launchMs });

  return {
    async run() {
      const overdue = await giveUpOverdue(await ledger.nodes());
      const planNumber = await ledger.planNumber();
      const situation = await look();
      const next = plan(situation);
      const planned = isEmpty(next) ? [] : await ledger.carryOut(next, planNumber);
      // Another controller was quicker: the next pass sees what it did.
      if (planned === 'stale') return clock.now();
      // Those of an earlier life of the controller are launched again: the call is idempotent.
      for (const node of situation.nodes)
        if (node.state === 'planned' || node.state === 'launching') launcher.launch(node);
      for (const node of planned) launcher.launch(node);
      return earliest(overdue, next.due);
    },

    observe(changes) {
      for (const change of changes) learnFrom(change, { ...deps, now: clock.now() });
      return changes.some(isReason);
    },

    async explain(jobId) {
      return explainRequest(jobId, await look());
    },

    launchSettled: launcher.launchSettled,
    settled: () => launcher.settled(),
  };

  async function look(): Promise<Situation> {
    const [nodes, requests, usage, cordons, freeHosts] = await Promise.all([
      ledger.nodes(),
      ledger.requests(),
      ledger.usage(),
      ledger.cordons(),
      ledger.freeHosts(),
    ]);
    return { ...deps, nodes, requests, usage, cordons, freeHosts, now: clock.now() };
  }

  /** Returns when the next node will have stayed too long in its state. */
  async function giveUpOverdue(nodes: readonly Node[]): Promise<number | null> {
    let due: number | null = null;
    for (const node of nodes) {
      const deadline = deadlineOf(node, fleet.template(node.cloud, node.template), timeouts);
      if (deadline === null) continue;
      if (deadline.at > clock.now()) due = earliest(due, deadline.at);
      else await ledger.failed(node, deadline.mishap);
    }
    return due;
  }
}

/** Node states after which a plan may look different. */
const WAKING_STATES: ReadonlySet<string> = new Set(['connecting', 'ready', 'leased', 'deleting', 'deleted']);

function isReason({ kind, data }: Change): boolean {
  switch (kind) {
    case 'request':
    case 'cordon':
    case 'host':
    case 'cloud':
    case 'configuration':
    case 'project':
      return true;
    case 'node':
      return WAKING_STATES.has(data.state) || data['connected'] === false;
    case 'job':
      return data.state === 'finished';
    default:
      return false;
  }
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
