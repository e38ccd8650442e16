import { cloudKind } from '#controller/clouds';
import type { CheckSettings, PoolSettings, Quota } from '#controller/fleet';
import type { CloudSection, TemplateSection } from './cloud-schema.ts';
import type { CloudConfiguration, TemplateConfiguration } from './configuration.ts';

/** A cloud's section, complete; what is of its kind alone stays as its kind's schema made it. */
export function toCloud(name: string, section: CloudSection): CloudConfiguration {
  const {
    kind,
    templates,
    'max-nodes': _nodes,
    'max-cpus': _cpus,
    'max-memory': _memory,
    'launch-rate': rate,
    'launch-timeout': launchMs,
    reserve = null,
    ...settings
  } = section;
  return {
    name,
    kind: cloudKind(kind),
    settings,
    quota: quotaOf(section),
    launchRate: rate === undefined ? null : { perMinute: rate['per-minute'], burst: rate.burst },
    launchMs: launchMs ?? cloudKind(kind).launchMs ?? null,
    reserve,
    templates: Object.entries(templates).map(([templateName, template]) =>
      toTemplate(templateName, template),
    ),
  };
}

function toTemplate(name: string, section: TemplateSection): TemplateConfiguration {
  const {
    labels,
    stream = null,
    'facts-as-labels': factsAsLabels,
    'max-nodes': _nodes,
    'max-cpus': _cpus,
    'max-memory': _memory,
    weight,
    cost,
    'min-ready': _minReady,
    pool: _pool,
    checks,
    ...settings
  } = section;
  return {
    name,
    labels,
    stream,
    factsAsLabels,
    quota: quotaOf(section),
    size: { cpus: section.cpus ?? 0, memoryBytes: section.memory ?? 0 },
    weight,
    cost,
    pool: poolOf(section),
    checks: checks === undefined ? null : checksOf(checks),
    settings,
  };
}

function quotaOf(section: Pick<CloudSection, 'max-nodes' | 'max-cpus' | 'max-memory'>): Quota {
  const { 'max-nodes': nodes = null, 'max-cpus': cpus = null, 'max-memory': memoryBytes = null } = section;
  return { nodes, cpus, memoryBytes };
}

function poolOf({ pool, 'min-ready': minReady }: TemplateSection): PoolSettings {
  const { learn } = pool;
  return {
    minReady,
    schedule: pool.schedule.map(({ 'time-zone': timeZone, 'min-ready': own, ...window }) => ({
      ...window,
      timeZone,
      minReady: own,
    })),
    learning: learn === undefined ? null : { coldStarts: learn['cold-starts'], maxReady: learn['max-ready'] },
    maxReadyAgeMs: pool['max-ready-age'] ?? null,
  };
}

function checksOf(checks: NonNullable<TemplateSection['checks']>): CheckSettings {
  return {
    diskBytes: checks.disk ?? null,
    memoryBytes: checks.memory ?? null,
    clockMs: checks.clock ?? null,
    dns: checks.dns,
    reach: checks.reach,
    script: checks.script ?? null,
    timeoutMs: checks.timeout,
    everyMs: checks.every ?? null,
  };
}
