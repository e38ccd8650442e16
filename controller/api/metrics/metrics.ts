import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { countLiveByTemplate, countUnfinished, type Store } from '#controller/store';

interface Deps {
  store: Store;
  metrics: Registry;
}

/** Adds what the store knows, asked on each scrape: live rows only, so that a scrape costs the same however much history there is. */
export function registerMetrics({ store, metrics }: Deps): void {
  // The default wakes an idle controller a hundred times a second.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 1000 });

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
}

export function answerMetrics(metrics: Registry): RequestHandler {
  return async (_request, response) => {
    const text = await metrics.metrics();
    response.setHeader('Content-Type', metrics.contentType);
    response.end(text);
  };
}
