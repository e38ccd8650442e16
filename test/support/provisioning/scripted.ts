import type { Quota, Template } from '#controller/fleet';
import { GOOD_LAUNCH, type Fates, type LaunchFate } from './fates.ts';
import type { ScriptedCloud } from './site.ts';

export const UNLIMITED: Quota = { nodes: null, cpus: null, memoryBytes: null };

export function nodesQuota(nodes: number): Quota {
  return { ...UNLIMITED, nodes };
}

/** A template named after its last label, without pool and limits, but for the given parts. */
export function scriptedTemplate(
  cloud: string,
  labels: readonly string[],
  parts: Partial<Template> = {},
): Template {
  const name = labels.at(-1) ?? 'host';
  return {
    cloud,
    name,
    labels: new Set(labels),
    stream: null,
    digest: name,
    learned: null,
    factsAsLabels: [],
    quota: UNLIMITED,
    size: { cpus: 0, memoryBytes: 0 },
    weight: 100,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
    settings: {},
    ...parts,
  };
}

/** A cloud whose calls all go well, but for the given parts. */
export function scriptedCloud(
  name: string,
  templates: readonly Template[],
  { fates = {}, ...parts }: Partial<Omit<ScriptedCloud, 'fates'>> & { fates?: Partial<Fates> } = {},
): ScriptedCloud {
  const good: Fates = { launches: [], stops: [], removals: [], listings: [] };
  return {
    name,
    kind: 'scripted',
    quota: UNLIMITED,
    launchMs: null,
    launchRate: null,
    reserve: null,
    templates,
    fates: { ...good, ...fates },
    ...parts,
  };
}

/** So many launches that end like this. */
export function launches(count: number, fate: Partial<LaunchFate>): LaunchFate[] {
  return Array.from({ length: count }, () => ({ ...GOOD_LAUNCH, ...fate }));
}
