import type { Cloud } from '#controller/clouds';
import type { OpenCloud, PoolSettings, Template } from '#controller/fleet';
import { newId, type Node } from '#controller/store';
import { plannedNode } from '../intend-node.ts';
import { createLearner } from './learner.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A pool's level over time. */
export interface Policy {
  arrived(at: number): void;
  level(now: number): number;
  /** When it may change by itself. */
  due(now: number): number;
}

export interface Outcome {
  /** Share of jobs that found no node ready. */
  cold: number;
  /** Hours of nodes, from their launch to their job. */
  hours: number;
}

export function fixed(level: number): Policy {
  return { arrived() {}, level: () => level, due: () => Infinity };
}

export function learned(coldStarts: number, startMs: number): Policy {
  const learner = createLearner(() => ({ coldStarts, maxReady: 40 }));
  return {
    arrived: (at) => learner.arrived(at, startMs),
    level: (now) => learner.target(now) ?? 0,
    due: learner.due,
  };
}

/** Runs a pool on arrivals, the earliest first, as the provisioner does; counted is what comes from `from` on. */
export function replay(arrivals: readonly number[], policy: Policy, startMs: number, from: number): Outcome {
  const counted = { jobs: 0, cold: 0, ms: 0 };
  const pool = { ready: 0, waiting: 0, coming: [] as number[] };
  let now = arrivals[0] ?? 0;
  let next = 0;
  while (next < arrivals.length) {
    const [readyAt = Infinity] = pool.coming;
    const then = Math.min(arrivals[next] ?? Infinity, readyAt, Math.max(policy.due(now), now + 1));
    counted.ms += (pool.ready + pool.coming.length) * Math.max(0, then - Math.max(now, from));
    now = then;
    while ((pool.coming[0] ?? Infinity) <= now) {
      pool.coming.shift();
      if (pool.waiting > 0) pool.waiting -= 1;
      else pool.ready += 1;
    }
    for (; (arrivals[next] ?? Infinity) <= now; next += 1) arrive(now);
    settle(policy.level(now));
  }
  return { cold: counted.cold / counted.jobs, hours: counted.ms / HOUR_MS };

  function arrive(at: number): void {
    const isCold = pool.ready === 0;
    if (isCold) pool.waiting += 1;
    else pool.ready -= 1;
    if (at >= from) {
      counted.jobs += 1;
      counted.cold += isCold ? 1 : 0;
    }
    policy.arrived(at);
  }

  function settle(level: number): void {
    const missing = pool.waiting + level - pool.ready - pool.coming.length;
    for (let count = 0; count < missing; count += 1) pool.coming.push(now + startMs);
    pool.ready -= Math.min(pool.ready, Math.max(0, -missing));
  }
}

/** The smallest level that keeps the share, all the time. */
export function leastFixed(
  arrivals: readonly number[],
  coldStarts: number,
  startMs: number,
  from: number,
): Outcome {
  for (let level = 0; ; level += 1) {
    const outcome = replay(arrivals, fixed(level), startMs, from);
    if (outcome.cold <= coldStarts) return outcome;
  }
}

/** A generator of numbers from 0 to 1 that are the same in every run (Mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Arrivals of a Poisson process whose rate changes: so many an hour. */
export function arrivalsAt(
  rate: (at: number) => number,
  most: number,
  ms: number,
  random: () => number,
): number[] {
  const arrivals: number[] = [];
  for (let at = 0; at < ms;) {
    at += (-Math.log(1 - random()) / most) * HOUR_MS;
    if (at < ms && random() < rate(at) / most) arrivals.push(at);
  }
  return arrivals;
}

/** A node of a pool; ready unless told otherwise. */
export function nodeOf(node: Partial<Node> = {}): Node {
  const planned = plannedNode(newId(), { template: templateOf(), request: null }, 0);
  const started = { requested_at: 0, launched_at: 0, connected_at: 0, ready_at: 0, session_epoch: 1 };
  return { ...planned, ...started, state: 'ready', ...node };
}

export function templateOf(
  template: Partial<Omit<Template, 'pool'>> & { pool?: Partial<PoolSettings> } = {},
): Template {
  const pool = { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null, ...template.pool };
  return {
    cloud: 'local',
    name: 'host',
    labels: new Set(['linux']),
    stream: null,
    digest: 'digest-1',
    learned: null,
    factsAsLabels: [],
    settings: {},
    quota: { nodes: null, cpus: null, memoryBytes: null },
    size: { cpus: 0, memoryBytes: 0 },
    weight: 100,
    cost: 0,
    checks: null,
    ...template,
    pool,
  };
}

export function cloudOf(templates: readonly Template[], cloud: Partial<Cloud> = {}): OpenCloud {
  const quota = { nodes: null, cpus: null, memoryBytes: null };
  return {
    name: 'local',
    kind: 'stub',
    cloud: cloud as Cloud,
    quota,
    launchMs: null,
    launchRate: null,
    reserve: null,
    templates,
  };
}
