import { Counter, Gauge } from 'prom-client';
import { countLeaks, countLiveByTemplate, countQueue, countUnfinished } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

/** What the store knows, asked on each scrape: live rows only, so that a scrape costs the same however much history there is. */
export function gaugeStore({ store, metrics }: Pick<ApiDeps, 'store' | 'metrics'>): void {
  const builds = new Gauge({
    name: 'footman_builds',
    help: 'Builds that have not ended, by state.',
    labelNames: ['state'],
    registers: [metrics],
    async collect() {
      builds.reset();
      for (const { state, count } of await countUnfinished(store.db, 'builds')) builds.set({ state }, count);
    },
  });

  const jobs = new Gauge({
    name: 'footman_jobs',
    help: 'Jobs that have not ended, by state.',
    labelNames: ['state'],
    registers: [metrics],
    async collect() {
      jobs.reset();
      for (const { state, count } of await countUnfinished(store.db, 'jobs')) jobs.set({ state }, count);
    },
  });

  const queue = new Gauge({
    name: 'footman_queue_jobs',
    help: 'Jobs in the queue, by what keeps them from a node.',
    labelNames: ['reason'],
    registers: [metrics],
    async collect() {
      queue.reset();
      for (const { reason, count } of await countQueue(store.db)) queue.set({ reason }, count);
    },
  });

  const nodes = new Gauge({
    name: 'footman_nodes',
    help: 'Nodes that are not yet gone, by cloud, template and state.',
    labelNames: ['cloud', 'template', 'state'],
    registers: [metrics],
    async collect() {
      nodes.reset();
      for (const { count, ...labels } of await countLiveByTemplate(store.db)) nodes.set({ ...labels }, count);
    },
  });

  const leaks = new Counter({
    name: 'footman_leaks_total',
    help: 'Resources without a living node that the sweep found.',
    labelNames: ['cloud'],
    registers: [metrics],
    async collect() {
      leaks.reset();
      for (const { cloud, found } of await countLeaks(store.db)) leaks.inc({ cloud }, found);
    },
  });
}
