import type { CheckSettings, PoolSettings, Quota } from '#controller/fleet';
import { formatLabels } from '#shared/labels';
import type { CloudConfiguration, TemplateConfiguration } from './configuration.ts';
import { section, type Section } from './section.ts';
import { writtenBytes, writtenDays, writtenDuration, writtenTimeOfDay } from './written.ts';

/** A cloud as the file would have it; keys of its kind as the kind's schema made them. */
export function cloudDocument(cloud: CloudConfiguration): Section {
  const {
    name: _name,
    kind,
    settings,
    quota,
    launchRate,
    launchMs,
    reserve,
    templates,
    ...forgotten
  } = cloud;
  forgotten satisfies Record<string, never>;
  return section({
    kind: kind.kind,
    ...(settings as Section),
    ...quotaDocument(quota),
    'launch-timeout': launchMs === null || launchMs === kind.launchMs ? undefined : writtenDuration(launchMs),
    'launch-rate':
      launchRate === null ? undefined : { 'per-minute': launchRate.perMinute, burst: launchRate.burst },
    reserve: reserve === null ? undefined : { nodes: reserve.nodes, priority: reserve.priority },
    templates: Object.fromEntries(templates.map((template) => [template.name, templateDocument(template)])),
  });
}

/** A template as the file would have it. */
export function templateDocument(template: TemplateConfiguration): Section {
  const {
    name: _name,
    labels,
    stream,
    factsAsLabels,
    quota,
    size,
    weight,
    cost,
    pool,
    checks,
    settings,
    ...forgotten
  } = template;
  forgotten satisfies Record<string, never>;
  return section({
    labels: formatLabels(labels),
    'facts-as-labels': factsAsLabels.length === 0 ? undefined : [...factsAsLabels],
    stream: stream ?? undefined,
    ...(settings as Section),
    ...quotaDocument(quota),
    cpus: size.cpus === 0 ? undefined : size.cpus,
    memory: size.memoryBytes === 0 ? undefined : writtenBytes(size.memoryBytes),
    weight,
    cost,
    'min-ready': pool.minReady,
    pool: poolDocument(pool),
    checks: checks === null ? undefined : checksDocument(checks),
  });
}

function quotaDocument({ nodes, cpus, memoryBytes }: Quota) {
  return {
    'max-nodes': nodes ?? undefined,
    'max-cpus': cpus ?? undefined,
    'max-memory': memoryBytes === null ? undefined : writtenBytes(memoryBytes),
  };
}

function poolDocument({ schedule, learning, maxReadyAgeMs }: PoolSettings): Section {
  return section({
    schedule:
      schedule.length === 0
        ? undefined
        : schedule.map(({ days, from, to, timeZone, minReady }) => ({
            days: writtenDays(days),
            from: writtenTimeOfDay(from),
            to: writtenTimeOfDay(to),
            'time-zone': timeZone,
            'min-ready': minReady,
          })),
    learn:
      learning === null ? undefined : { 'cold-starts': learning.coldStarts, 'max-ready': learning.maxReady },
    'max-ready-age': maxReadyAgeMs === null ? undefined : writtenDuration(maxReadyAgeMs),
  });
}

function checksDocument(checks: CheckSettings): Section {
  const { diskBytes, memoryBytes, clockMs, dns, reach, script, timeoutMs, everyMs, ...forgotten } = checks;
  forgotten satisfies Record<string, never>;
  return section({
    disk: diskBytes === null ? undefined : writtenBytes(diskBytes),
    memory: memoryBytes === null ? undefined : writtenBytes(memoryBytes),
    clock: clockMs === null ? undefined : writtenDuration(clockMs),
    dns: dns.length === 0 ? undefined : [...dns],
    reach: reach.length === 0 ? undefined : [...reach],
    script: script ?? undefined,
    timeout: writtenDuration(timeoutMs),
    every: everyMs === null ? undefined : writtenDuration(everyMs),
  });
}
