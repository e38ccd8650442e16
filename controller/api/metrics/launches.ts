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
export function countLaunches({ store, journal, logger, metrics }: ApiDeps): void {
  const starts = new Histogram({
    name: 'footman_node_start_seconds',
    help: 'Time from the request to the ready node, whole (total) and by phase.',
    labelNames: ['cloud', 'template', 'phase'],
    buckets: BUCKETS,
    registers: [metrics],
  });
  const launches = new Counter({
    name: 'footman_launches_total',
    help: 'Launches that are over: ready, aborted for want of room, or by what failed.',
    labelNames: ['cloud', 'template', 'outcome'],
    registers: [metrics],
  });
  journal.subscribe((changes) => {
    for (const { kind, data } of changes) if (kind === 'node' && mayEndLaunch(data)) note(data);
  });

  function note({ id, state }: Change['data']): void {
    observe(id, state).catch((error: unknown) =>
      logger.warn({ err: error, node: id }, 'a launch is missing in the metrics'),
    );
  }

  async function observe(id: string, state: string): Promise<void> {
    const node = await findNode(store.db, id);
    if (node === undefined) return;
    const { cloud, template, failure } = node;
    const start = startOf(node);
    if (start === null) launches.inc({ cloud, template, outcome: failure ?? 'launch' });
    // One that is lost after it was ready was a good launch, and is counted.
    if (start === null || state === 'failed') return;
    launches.inc({ cloud, template, outcome: 'ready' });
    for (const phase of [...START_PHASES, 'total'] as const)
      starts.observe({ cloud, template, phase }, start[phase] / 1000);
  }
}

/** A node is ready for the first time, as its event says, or fails. */
function mayEndLaunch({ state, startMs }: Change['data']): boolean {
  return state === 'failed' || (state === 'ready' && startMs !== undefined);
}
