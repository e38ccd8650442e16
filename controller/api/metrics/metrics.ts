import type { RequestHandler } from 'express';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { ApiDeps } from '../deps.ts';
import { gaugeHolds } from './hold-gauges.ts';
import { gaugeImages } from './image-gauges.ts';
import { countLaunches } from './launches.ts';
import { countPreparedJobs } from './prepared-jobs.ts';
import { gaugeStorage } from './storage-gauges.ts';
import { gaugeStore } from './store-gauges.ts';
import { gaugeTemplates } from './template-gauges.ts';

/** Everything that `/metrics` answers is registered here; docs/administration/metrics.md says what it means. */
export function registerMetrics(deps: ApiDeps): void {
  // The default wakes an idle controller a hundred times a second.
  collectDefaultMetrics({ register: deps.metrics, eventLoopMonitoringPrecision: 1000 });
  gaugeStore(deps);
  gaugeStorage(deps);
  gaugeTemplates(deps);
  gaugeImages(deps);
  gaugeHolds(deps);
  countLaunches(deps);
  countPreparedJobs(deps);
}

export function answerMetrics(metrics: Registry): RequestHandler {
  return async (_request, response) => {
    const text = await metrics.metrics();
    response.setHeader('Content-Type', metrics.contentType);
    response.end(text);
  };
}
