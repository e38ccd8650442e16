import { parseDocument, type Problem } from '#shared/document';
import type { CloudModel, JobKind, Model, TemplateModel } from './model.ts';
import { ModelDocument } from './schema.ts';

type KindSection = ModelDocument['jobs']['kinds'][number];
type CloudSection = ModelDocument['clouds'][string];
type TemplateSection = CloudSection['templates'][string];

/** Reads a model that a person wrote; every mistake is told with its place. */
export function parseModel(
  source: string,
  file: string,
): { ok: true; model: Model } | { ok: false; problems: Problem[] } {
  const parsed = parseDocument({ source, file, schema: ModelDocument });
  if (!parsed.ok) return parsed;
  const { jobs, clouds } = parsed.value;
  const perArrival = jobs['per-arrival'];
  const model: Model = {
    jobs: {
      perArrival: typeof perArrival === 'number' ? { min: perArrival, max: perArrival } : perArrival,
      queueTimeoutMs: jobs['queue-timeout'],
      kinds: jobs.kinds.map(toKind),
    },
    clouds: Object.entries(clouds).map(([name, cloud]) => toCloud(name, cloud)),
  };
  return { ok: true, model };
}

function toKind({ 'runs-on': runsOn, weight, priority, duration }: KindSection): JobKind {
  return { runsOn, weight, priority, duration };
}

function toCloud(name: string, section: CloudSection): CloudModel {
  const rate = section['launch-rate'];
  return {
    name,
    maxNodes: section['max-nodes'] ?? null,
    launchRate: rate === undefined ? null : { perMinute: rate['per-minute'], burst: rate.burst },
    outages: section.outages.map(({ after, for: lasts }) => ({ fromMs: after, untilMs: after + lasts })),
    templates: Object.entries(section.templates).map(([name, template]) => toTemplate(name, template)),
  };
}

function toTemplate(name: string, section: TemplateSection): TemplateModel {
  const { labels, weight, cost, launch, connect, remove } = section;
  return {
    name,
    labels,
    maxNodes: section['max-nodes'] ?? null,
    weight,
    cost,
    launch,
    connect,
    remove,
    rates: {
      failure: section['failure-rate'],
      abort: section['abort-rate'],
      hang: section['hang-rate'],
      silence: section['silence-rate'],
      loss: section['loss-rate'],
      removal: section['removal-failure-rate'],
    },
  };
}
