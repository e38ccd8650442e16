import { createFleet, type OpenCloud, type PoolSettings, type Template } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import type { Cloud } from '#controller/clouds';
import type { Decline, Node, NodeState } from '#controller/store';
import { createBreakers } from './breaker.ts';
import type { Plan } from './planned.ts';
import { plannedNode } from './intend-node.ts';
import { createLaunchHistory } from './launch-history.ts';
import { createLaunchRates } from './launch-rates.ts';
import type { OpenRequest } from './open-request.ts';
import { createPools } from './pool/index.ts';
import type { Situation } from './situation.ts';

export const NOW = 1_000_000;

const NO_QUOTA = { nodes: null, cpus: null, memoryBytes: null };
const NO_POOL: PoolSettings = { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null };

export function poolOf(parts: Partial<PoolSettings>): PoolSettings {
  return { ...NO_POOL, ...parts };
}

export function templateOf(parts: Partial<Template> = {}): Template {
  return {
    cloud: 'one',
    name: 'host',
    labels: new Set(['linux', 'small']),
    stream: null,
    digest: 'digest',
    learned: null,
    factsAsLabels: [],
    quota: NO_QUOTA,
    size: { cpus: 0, memoryBytes: 0 },
    weight: 100,
    cost: 0,
    pool: NO_POOL,
    checks: null,
    settings: {},
    ...parts,
  };
}

/** The cloud itself is not there unless it is given: planning asks it nothing. */
export function cloudOf(name: string, templates: Template[], parts: Partial<OpenCloud> = {}): OpenCloud {
  const cloud: Partial<Cloud> = {};
  return {
    name,
    kind: 'test',
    quota: NO_QUOTA,
    launchMs: null,
    launchRate: null,
    reserve: null,
    cloud: cloud as Cloud,
    templates: templates.map((template) => ({ ...template, cloud: name })),
    ...parts,
  };
}

/** A job's request, unless it says that it is a pool's. */
export function requestOf(id: string, parts: Partial<OpenRequest> = {}): OpenRequest {
  return {
    id,
    jobId: `job-${id}`,
    pool: null,
    runsOn: 'linux',
    images: null,
    state: 'requested',
    declines: [],
    createdAt: NOW,
    rank: NOW,
    priority: 50,
    project: null,
    ...parts,
  };
}

export function nodeOf(id: string, state: NodeState, parts: Partial<Node> = {}): Node {
  const planned = plannedNode(id, { template: templateOf(), request: null }, NOW);
  const readyAt = state === 'ready' || state === 'leased' ? NOW : null;
  return { ...planned, state, ready_at: readyAt, ...parts };
}

/** One cloud with one template and nothing in it, but for the given parts. */
export function situationOf({
  clouds = [cloudOf('one', [templateOf()])],
  ...parts
}: Partial<Situation> & { clouds?: OpenCloud[] } = {}): Situation {
  const fleet = createFleet(clouds);
  const matcher = createLabelMatcher();
  return {
    requests: [],
    nodes: [],
    usage: new Map(),
    cordons: new Map(),
    freeHosts: new Map(),
    hostTroubles: new Map(),
    currentVersions: new Map(),
    fleet,
    matcher,
    breakers: createBreakers(),
    rates: createLaunchRates(),
    history: createLaunchHistory(),
    pools: createPools({ fleet, matcher, history: createLaunchHistory(), imageOf: () => null }),
    now: NOW,
    ...parts,
  };
}

/** A candidate's no. */
export function decline(parts: Partial<Decline>): Decline {
  return {
    cloud: 'one',
    template: 'host',
    code: 'failed',
    reason: 'it broke',
    final: false,
    at: NOW - 1,
    ...parts,
  };
}

/** Whose nodes are launched. */
export function requested({ launches }: Plan): (string | undefined)[] {
  return launches.map(({ request }) => request?.id);
}

/** In which clouds. */
export function asked({ launches }: Plan): string[] {
  return launches.map(({ template }) => template.cloud);
}

/** Which nodes go. */
export function retired({ retire }: Plan): string[] {
  return retire.map(({ node }) => node.id);
}
