import type { Clock } from '#controller/clock';
import type { Change } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import type { LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import type { Breakers } from './breaker.ts';
import { isEmpty } from './planned.ts';
import { explainRequest, type RequestExplanation } from './explanation.ts';
import { hedgeAt } from './hedging.ts';
import type { LaunchHistory } from './launch-history.ts';
import type { LaunchRates } from './launch-rates.ts';
import { createLauncher } from './launcher.ts';
import { learnFrom } from './learning.ts';
import type { Ledger } from './ledger.ts';
import { deadlineOf, soonestDeadline, type NodeTimeouts } from './overdue.ts';
import { plan } from './plan.ts';
import type { Pools } from './pool/index.ts';
import type { CurrentVersions, Situation } from './situation.ts';

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
  /** Whether a job waits whose project may have only so many nodes; until the first pass nobody knows. */
  let anyLimited = true;

  return {
    async run() {
      const planNumber = await ledger.planNumber();
      const before = await look();
      const { anyGone, due } = await giveUpOverdue(before);
      const situation = anyGone ? await look() : before;
      const next = plan(situation);
      const planned = isEmpty(next) ? [] : await ledger.carryOut(next, planNumber);
      // Another controller was quicker: the next pass sees what it did.
      if (planned === 'stale') return clock.now();
      // Those of an earlier life of the controller are launched again: the call is idempotent.
      for (const node of situation.nodes)
        if (node.state === 'planned' || node.state === 'launching') launcher.launch(node);
      for (const node of planned) launcher.launch(node);
      // What came to be known in writing the plan down, the next one reckons with.
      if (planned.length < next.launches.length) return clock.now();
      return earliest(due, next.due, ...planned.map((node) => soonestNews(node, situation)));
    },

    observe(changes) {
      for (const change of changes) learnFrom(change, { ...deps, now: clock.now() });
      if (!changes.some(endsJob)) return changes.some(isReason);
      // The job's node goes with it, and is missed by no pool; its project may have another one.
      return anyLimited || changes.some((change) => isReason(change) && !leaves(change));
    },

    async explain(jobId) {
      return explainRequest(jobId, await look());
    },

    launchSettled: launcher.launchSettled,
    settled: () => launcher.settled(),
  };

  async function look(): Promise<Situation> {
    const [nodes, requests, cordons] = await Promise.all([
      ledger.nodes(),
      ledger.requests(),
      ledger.cordons(),
    ]);
    const projects = requests.flatMap(({ project }) => project ?? []);
    // Known before the usage is read: from here on a job's end is a reason to plan.
    anyLimited = projects.some(({ maxNodes }) => maxNodes !== null);
    const usage = projects.length > 0 ? await ledger.usage() : NO_USAGE;
    const hosts = fleet.clouds().some(({ cloud }) => cloud.hosts) ? await lookAtHosts() : NO_HOSTS;
    const hasStreams = fleet.templates().some(({ stream }) => stream !== null);
    const currentVersions = hasStreams ? await ledger.currentVersions() : NO_VERSIONS;
    return { ...deps, nodes, requests, usage, cordons, ...hosts, currentVersions, now: clock.now() };
  }

  async function lookAtHosts(): Promise<Pick<Situation, 'freeHosts' | 'hostTroubles'>> {
    const [freeHosts, hostTroubles] = await Promise.all([ledger.freeHosts(), ledger.hostTroubles()]);
    return { freeHosts, hostTroubles };
  }

  /** When there may be something to do about a node that was just planned: nothing that happens until then is a reason to look. */
  function soonestNews(node: Node, situation: Situation): number | null {
    return earliest(hedgeAt(node, situation), soonestDeadline(node, timeouts, situation.now));
  }

  /** Tells whether a node has stayed too long in its state, and when the next one may have. */
  async function giveUpOverdue({ nodes, now }: Situation): Promise<{ anyGone: boolean; due: number | null }> {
    let anyGone = false;
    let due: number | null = null;
    for (const node of nodes) {
      const deadline = deadlineOf(node, fleet.template(node.cloud, node.template), timeouts);
      if (deadline === null || deadline.at > now)
        due = earliest(due, deadline?.at, soonestDeadline(node, timeouts, now));
      else if (await ledger.failed(node, deadline.mishap)) anyGone = true;
    }
    return { anyGone, due };
  }
}

const NO_USAGE: Situation['usage'] = new Map();
const NO_VERSIONS: CurrentVersions = new Map();
const NO_HOSTS: Pick<Situation, 'freeHosts' | 'hostTroubles'> = {
  freeHosts: new Map(),
  hostTroubles: new Map(),
};

function endsJob({ kind, data }: Change): boolean {
  return kind === 'job' && data.state === 'finished';
}

function leaves({ kind, data }: Change): boolean {
  return kind === 'node' && data.state === 'deleting';
}

/** Node states after which a plan may look different. */
const WAKING_STATES: ReadonlySet<string> = new Set(['ready', 'leased', 'deleting', 'deleted']);

/** Request states that others bring about: what a plan does to requests itself, it has reckoned with. */
const ASKING_STATES: ReadonlySet<string> = new Set(['requested', 'withdrawn']);

/** Kinds of what plans depend on beside nodes and requests. */
const GROUNDS: ReadonlySet<string> = new Set([
  'cordon',
  'host',
  'cloud',
  'template',
  'configuration',
  'project',
]);

function isReason({ kind, jobId, data }: Change): boolean {
  if (kind === 'node') return WAKING_STATES.has(data.state) || data['connected'] === false;
  if (kind === 'image') return data.state === 'promoted';
  if (kind === 'request') return ASKING_STATES.has(data.state) && typeof jobId === 'string';
  return GROUNDS.has(kind);
}

function earliest(...times: (number | null | undefined)[]): number | null {
  const known = times.filter((time) => typeof time === 'number');
  return known.length === 0 ? null : Math.min(...known);
}
