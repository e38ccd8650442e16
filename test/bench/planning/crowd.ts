import { join } from 'node:path';
import { sentByHand, submitBuild } from '#controller/builds';
import { createSystemClock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import { createJournal } from '#controller/events';
import { createFleet, type OpenCloud, type Template } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import {
  createBreakers,
  createLaunchHistory,
  createLaunchRates,
  createPools,
  createProvisioner,
  createStoreLedger,
  plannedNode,
  type Provisioner,
} from '#controller/provisioner';
import { createQueueStore, createScheduler, type Scheduler } from '#controller/scheduler';
import { insertNode, newId, openStore } from '#controller/store';
import { parsePipeline } from '#shared/pipeline';

/** Many jobs that wait, since all clouds are full: each pass of a loop looks at everything and has nothing to do. */
export interface Crowd extends AsyncDisposable {
  /** The store's database. */
  file: string;
  scheduler: Scheduler;
  provisioner: Provisioner;
}

export const CROWD = { clouds: 5, nodes: 500, jobs: 1000 };

const SIZES = ['small', 'medium', 'large'];
/** Its nodes are idle: no job of the crowd fits them. */
const OTHER = 'windows';
const TEMPLATES = [...SIZES, OTHER];
const NODES_OF_TEMPLATE = CROWD.nodes / CROWD.clouds / TEMPLATES.length;
const BUILDS = 25;
const HOUR_MS = 3_600_000;

export async function makeCrowd(folder: string): Promise<Crowd> {
  const file = join(folder, 'crowd.db');
  const store = await openStore({ kind: 'sqlite', file });
  const clock = createSystemClock();
  const journal = createJournal({ store, clock });
  const matcher = createLabelMatcher();
  const fleet = createFleet(Array.from({ length: CROWD.clouds }, (_, index) => cloudOf(`cloud${index}`)));
  for (const template of fleet.templates())
    for (let index = 0; index < NODES_OF_TEMPLATE; index++)
      await insertNode(store.db, nodeOf(template, clock.now()));
  for (let index = 0; index < BUILDS; index++) {
    const submission = sentByHand({ pipeline: pipelineOf(index), file: 'crowd.yaml' });
    await submitBuild(journal, submission, { queueTimeoutMs: HOUR_MS });
  }
  const history = createLaunchHistory();
  return {
    file,
    scheduler: createScheduler({ queue: createQueueStore({ store, journal }), clock, matcher, fleet }),
    provisioner: createProvisioner({
      ledger: createStoreLedger({ store, journal }),
      clock,
      logger: createLogger('silent'),
      matcher,
      fleet,
      breakers: createBreakers(),
      rates: createLaunchRates(),
      history,
      pools: createPools({ fleet, matcher, history, imageOf: () => null }),
      bootstrapToken: () => '',
      timeouts: { launchMs: HOUR_MS, connectMs: HOUR_MS, checkMs: HOUR_MS, agentLostMs: HOUR_MS },
      signal: new AbortController().signal,
    }),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** A cloud that is full, and that nobody asks for anything. */
function cloudOf(name: string): OpenCloud {
  const cloud: Partial<Cloud> = {};
  return {
    name,
    kind: 'none',
    quota: { nodes: TEMPLATES.length * NODES_OF_TEMPLATE, cpus: null, memoryBytes: null },
    launchMs: null,
    launchRate: null,
    reserve: null,
    cloud: cloud as Cloud,
    templates: TEMPLATES.map((template) => templateOf(name, template)),
  };
}

function templateOf(cloud: string, name: string): Template {
  const isOther = name === OTHER;
  return {
    cloud,
    name,
    labels: new Set([cloud, name, 'x64', isOther ? 'desktop' : 'linux']),
    stream: null,
    digest: name,
    learned: null,
    factsAsLabels: [],
    quota: { nodes: null, cpus: null, memoryBytes: null },
    size: { cpus: 2, memoryBytes: 2 ** 32 },
    weight: 100,
    cost: 0,
    pool: { minReady: isOther ? NODES_OF_TEMPLATE : 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
    settings: {},
  };
}

function nodeOf(template: Template, at: number) {
  const node = plannedNode(newId(), { template, request: null }, at);
  const state = template.name === OTHER ? ('ready' as const) : ('leased' as const);
  return { ...node, state, ready_at: at, leased_at: state === 'leased' ? at : null };
}

/** Some want a size, some a cloud too, some any. */
function pipelineOf(index: number) {
  const wishes = ['linux', `cloud${index % CROWD.clouds}`, SIZES[index % SIZES.length] ?? ''];
  const runsOn = wishes.slice(0, 1 + (index % wishes.length)).join(' && ');
  const cells = Array.from({ length: CROWD.jobs / BUILDS }, (_, cell) => cell).join(', ');
  const source = `jobs: { job: { runs-on: '${runsOn}', matrix: { n: [${cells}] }, steps: [{ run: 'true' }] } }`;
  const parsed = parsePipeline(source, 'crowd.yaml');
  if (!parsed.ok) throw new Error('the pipeline of the crowd is not good');
  return parsed.pipeline;
}
