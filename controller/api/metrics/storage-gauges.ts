import { Counter, Gauge } from 'prom-client';
import type { ApiDeps } from '../deps.ts';

/** What is known without asking the storage: a scrape costs the same, however much is in it. */
export function gaugeStorage({
  orphans,
  retention,
  metrics,
}: Pick<ApiDeps, 'orphans' | 'retention' | 'metrics'>): void {
  const bytes = new Gauge({
    name: 'footman_storage_bytes',
    help: 'Bytes of objects in the storage, by kind, as the last sweep listed them.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      bytes.reset();
      for (const [kind, stock] of orphans.stock() ?? []) bytes.set({ kind }, stock.bytes);
    },
  });

  const objects = new Gauge({
    name: 'footman_storage_objects',
    help: 'Objects in the storage, by kind, as the last sweep listed them.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      objects.reset();
      for (const [kind, stock] of orphans.stock() ?? []) objects.set({ kind }, stock.objects);
    },
  });

  const removed = new Counter({
    name: 'footman_storage_orphans_removed_total',
    help: 'Objects that no row had, and that the sweep removed.',
    registers: [metrics],
    collect() {
      removed.reset();
      removed.inc(orphans.removed());
    },
  });

  const builds = new Counter({
    name: 'footman_builds_removed_total',
    help: 'Builds that were removed with all that they left.',
    registers: [metrics],
    collect() {
      builds.reset();
      builds.inc(retention.removed());
    },
  });
}
