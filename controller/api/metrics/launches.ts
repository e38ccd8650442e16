import { Counter, Histogram } from 'prom-client';
import type { Change } from '#controller/events';
import { START_PHASES, startOf } from '#controller/figures';
import { findNode } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

/** In seconds: from a process that is there at once to a machine that boots for ten minutes. */
const BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600,
];

/** Counts this controller's launches as they end: each once, by how it ended, and how long it took if it went well. */
export function countLaunches({ store, journal, clock, logger, metrics }: ApiDeps): void {
  const starts = new Histogram({
    name: 'footman_node_start_seconds',
    help: 'Time from the request to the ready node, whole (total) and by phase.',
    labelNames: ['cloud', 'template', 'phase'],
    buckets: BUCKETS,
    registers: [metrics],
  });
  const launches = new Counter({
    name: 'footman_launches_total',
    help: 'Launches that are over: ready, aborted for want of room, or failed at launch, connect or check.',
    labelNames: ['cloud', 'template', 'outcome'],
    registers: [metrics],
  });
  const since = clock.now();
  /** Nodes that were ready already: they are so again after each check, and may still be lost. */
  const ready = new Set<string>();
  journal.subscribe((changes) => changes.forEach(note));

  function note({ kind, data }: Change): void {
    if (kind !== 'node') return;
    const { id, state } = data;
    if (state === 'deleted') ready.delete(id);
    if (ready.has(id)) return;
    if (state === 'ready') ready.add(id);
    if (state === 'ready' || state === 'failed') observeSafely(id);
  }

  function observeSafely(id: string): void {
    observe(id).catch((error: unknown) =>
      logger.debug({ err: error, node: id }, 'a launch is missing in the metrics'),
    );
  }

  async function observe(id: string): Promise<void> {
    const node = await findNode(store.db, id);
    if (node === undefined) return;
    const { cloud, template, failure, ready_at: readyAt } = node;
    const start = startOf(node);
    if (readyAt === null || start === null)
      return launches.inc({ cloud, template, outcome: failure ?? 'launch' });
    // One that was ready in the controller's earlier life is no launch of this one.
    if (readyAt < since) return;
    launches.inc({ cloud, template, outcome: 'ready' });
    for (const phase of [...START_PHASES, 'total'] as const)
      starts.observe({ cloud, template, phase }, start[phase] / 1000);
  }
}
