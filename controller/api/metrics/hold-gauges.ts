import { Gauge } from 'prom-client';
import { countHeld, countOpenSessions } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

/** Held nodes and who is on them, asked on each scrape. */
export function gaugeHolds({ store, metrics }: Pick<ApiDeps, 'store' | 'metrics'>): void {
  const held = new Gauge({
    name: 'footman_held_nodes',
    help: 'Nodes that are held for people, by cloud and template.',
    labelNames: ['cloud', 'template'],
    registers: [metrics],
    async collect() {
      held.reset();
      for (const { count, ...labels } of await countHeld(store.db)) held.set({ ...labels }, count);
    },
  });

  const sessions = new Gauge({
    name: 'footman_hold_sessions',
    help: 'Sessions on held nodes, by kind: shell, exec, sftp or forward.',
    labelNames: ['kind'],
    registers: [metrics],
    async collect() {
      sessions.reset();
      for (const { kind, count } of await countOpenSessions(store.db)) sessions.set({ kind }, count);
    },
  });
}
