import type { OpenCloud, PoolSettings, Template } from '#controller/fleet';
import type { ScriptedCloud } from '#simulator/clouds';
import type { CloudModel, TemplateModel } from '#simulator/model';

/** The model's clouds as a controller has them configured, each template with the same pool. */
export function openCloudOf(
  { name, cloud }: ScriptedCloud,
  model: CloudModel,
  pool: PoolSettings,
): OpenCloud {
  return {
    name,
    kind: 'scripted',
    cloud,
    quota: { nodes: model.maxNodes, cpus: null, memoryBytes: null },
    launchMs: null,
    launchRate: model.launchRate,
    reserve: null,
    templates: model.templates.map((template) => templateOf(name, template, pool)),
  };
}

function templateOf(cloud: string, model: TemplateModel, pool: PoolSettings): Template {
  const { name, labels, maxNodes, weight, cost } = model;
  return {
    cloud,
    name,
    labels: new Set(labels),
    stream: null,
    digest: name,
    learned: null,
    factsAsLabels: [],
    quota: { nodes: maxNodes, cpus: null, memoryBytes: null },
    size: { cpus: 0, memoryBytes: 0 },
    weight,
    cost,
    pool,
    checks: null,
    settings: name,
  };
}
