import { figuresOf, type TemplateFigures } from '#controller/figures';
import { templateKey, type OpenCloud, type Quota, type Template, type Usage } from '#controller/fleet';
import type { Cordon } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import type { Cloud, Quota as QuotaView } from './schema.ts';
import type { Survey } from './survey.ts';

type TemplateView = Cloud['templates'][number];
type Deps = Pick<ApiDeps, 'breakers' | 'pools' | 'problemOf'>;

export function viewCloud(open: OpenCloud, survey: Survey, deps: Deps): Cloud {
  const { name, kind, quota, cloud, templates } = open;
  const { found = 0, removed = 0 } = survey.leaks.get(name) ?? {};
  return {
    name,
    kind,
    quota: viewQuota(quota, survey.occupancy.ofCloud(name)),
    capabilities: cloud.capabilities,
    problem: deps.problemOf?.(name) ?? null,
    cordon: viewCordon(survey.cordons.get(name)),
    leaks: { found, removed },
    templates: templates.map((template) => viewTemplate(template, survey, deps)),
  };
}

function viewTemplate(template: Template, survey: Survey, { breakers, pools }: Deps): TemplateView {
  const { cloud, name, labels, weight, cost, quota } = template;
  const { counts, occupancy, cordons, figures, now } = survey;
  const own = counts.filter((entry) => entry.cloud === cloud && entry.template === name);
  const nodes = Object.fromEntries(own.map(({ state, count }) => [state, count]));
  return {
    name,
    labels: [...labels].sort(),
    weight,
    cost,
    quota: viewQuota(quota, occupancy.ofTemplate(template)),
    nodes,
    pool: { target: pools.target(template, now), idle: nodes['ready'] ?? 0 },
    cordon: viewCordon(cordons.get(`${cloud}/${name}`)),
    breaker: breakers.state(template, now),
    // A template that came with a new configuration a moment ago has none.
    ...viewFigures(figures.get(templateKey(template)) ?? figuresOf([])),
  };
}

function viewQuota(limit: Quota, used: Usage): QuotaView {
  return {
    nodes: { limit: limit.nodes, used: used.nodes },
    cpus: { limit: limit.cpus, used: used.cpus },
    memoryBytes: { limit: limit.memoryBytes, used: used.memoryBytes },
  };
}

function viewCordon(cordon: Cordon | undefined): Cloud['cordon'] {
  if (cordon === undefined) return null;
  const { reason, actor, at } = cordon;
  return { reason, actor, at };
}

function viewFigures(figures: TemplateFigures): Pick<TemplateView, 'starts' | 'launches'> {
  const { starts, total, planToReady, phases, successRate, failures, aborted } = figures;
  return {
    starts: { count: starts, requestToReady: total, planToReady, ...phases },
    launches: { successRate, failures, aborted },
  };
}
