import { pinOf } from '#controller/matching';
import type { Node, NodeState } from '#controller/store';
import { formatBytes } from '#shared/quantity';
import type { Fleet } from './fleet.ts';
import type { OpenCloud, Quota, Size, Template } from './open-cloud.ts';
import type { Refusal } from './refusal.ts';
import { subjectOf, templateKey, type TemplateId } from './template-id.ts';

/** Nodes that were never ready yet: of a template, or of one version of an image on it (`subjectOf`). */
export interface UnderWay {
  nodes: number;
  /** Those that the provider has not accepted yet; for a template, those of all its versions count. */
  asked: number;
}

/** What nodes use together. */
export interface Usage {
  nodes: number;
  cpus: number;
  memoryBytes: number;
  /** How many of the nodes are held. */
  held: number;
}

/** Counts nodes against quotas: every node that is not yet gone counts, the failed, stopped and dying included (L11). */
export interface Occupancy {
  /** Why one more node of the template would be too many; null means that there is room. `request` is null where a pool asks. */
  refusal(cloud: OpenCloud, template: Template, request: { priority: number } | null): Refusal | null;
  /** One more, on its way; made for one version of an image, or for everybody. */
  add(template: Template, pin: string | null): void;
  underWay(subject: TemplateId): UnderWay;
  ofCloud(name: string): Usage;
  ofTemplate(template: TemplateId): Usage;
}

export function countOccupancy(nodes: readonly Node[], fleet: Fleet): Occupancy {
  const byCloud = new Map<string, Usage>();
  const byTemplate = new Map<string, Usage>();
  const underWay = new Map<string, UnderWay>();
  for (const node of nodes) {
    const template = { cloud: node.cloud, name: node.template };
    count(template, fleet.sizeOf(template), node);
  }

  return {
    refusal(cloud, template, request) {
      const inCloud = ofCloud(cloud.name);
      const reason =
        excess(`cloud ${cloud.name}`, inCloud, cloud.quota, template.size) ??
        excess(
          `template ${template.cloud}/${template.name}`,
          ofTemplate(template),
          template.quota,
          template.size,
        );
      if (reason !== null) return { code: 'quota', reason, until: null };
      const kept = reserved(cloud, inCloud, request);
      return kept === null ? null : { code: 'reserve', reason: kept, until: null };
    },
    add: (template, pin) =>
      count(template, template.size, { ...PLANNED, version_id: pin, pinned: pin === null ? 0 : 1 }),
    underWay: (subject) => underWay.get(templateKey(subject)) ?? NONE,
    ofCloud,
    ofTemplate,
  };

  function ofCloud(name: string): Usage {
    return byCloud.get(name) ?? NOTHING;
  }

  function ofTemplate(template: TemplateId): Usage {
    return byTemplate.get(templateKey(template)) ?? NOTHING;
  }

  function count(template: TemplateId, size: Size, node: Counted): void {
    const key = templateKey(template);
    byCloud.set(template.cloud, plus(ofCloud(template.cloud), size, node));
    byTemplate.set(key, plus(ofTemplate(template), size, node));
    if (!isOnTheWay(node)) return;
    const asked = ASKED.has(node.state) ? 1 : 0;
    const pin = pinOf(node);
    countUnderWay(key, { nodes: pin === null ? 1 : 0, asked });
    if (pin !== null) countUnderWay(templateKey(subjectOf(template, pin)), { nodes: 1, asked });
  }

  function countUnderWay(key: string, more: UnderWay): void {
    const { nodes, asked } = underWay.get(key) ?? NONE;
    underWay.set(key, { nodes: nodes + more.nodes, asked: asked + more.asked });
  }
}

type Counted = Pick<Node, 'state' | 'ready_at' | 'version_id' | 'pinned'>;

const NOTHING: Usage = { nodes: 0, cpus: 0, memoryBytes: 0, held: 0 };

const NONE: UnderWay = { nodes: 0, asked: 0 };

const PLANNED = { state: 'planned', ready_at: null } as const;

const ASKED: ReadonlySet<NodeState> = new Set(['planned', 'launching']);

const STARTING: ReadonlySet<NodeState> = new Set(['planned', 'launching', 'connecting', 'checking']);

/** One that is looked at again after it was ready is not on its way. */
function isOnTheWay({ state, ready_at: readyAt }: Pick<Node, 'state' | 'ready_at'>): boolean {
  return STARTING.has(state) && readyAt === null;
}

function plus(usage: Usage, { cpus, memoryBytes }: Size, { state }: Pick<Node, 'state'>): Usage {
  return {
    nodes: usage.nodes + 1,
    held: usage.held + (state === 'held' ? 1 : 0),
    // Tenths of CPUs add up to tenths.
    cpus: Math.round((usage.cpus + cpus) * 1000) / 1000,
    memoryBytes: usage.memoryBytes + memoryBytes,
  };
}

/** Which of the quota's limits one more node would break, or null. */
function excess(whose: string, usage: Usage, quota: Quota, size: Size): string | null {
  const broken = brokenLimit(usage, quota, size);
  if (broken === null) return null;
  const { held } = usage;
  const kept = held === 0 ? '' : `; ${held === 1 ? '1 node is' : `${held} nodes are`} held for people`;
  return `${whose} is at its quota: ${broken}${kept}`;
}

function brokenLimit(usage: Usage, quota: Quota, size: Size): string | null {
  const next = plus(usage, size, PLANNED);
  if (quota.nodes !== null && next.nodes > quota.nodes) return `${usage.nodes} of ${quota.nodes} nodes`;
  if (quota.cpus !== null && next.cpus > quota.cpus)
    return `${usage.cpus} of ${quota.cpus} CPUs, and a node needs ${size.cpus}`;
  if (quota.memoryBytes === null || next.memoryBytes <= quota.memoryBytes) return null;
  const [used, all, needed] = [usage.memoryBytes, quota.memoryBytes, size.memoryBytes].map(formatBytes);
  return `${used} of ${all} of memory, and a node needs ${needed}`;
}

/** Why what is left of the cloud is not for this request, or null. */
function reserved(
  { name, quota, reserve }: OpenCloud,
  { nodes }: Usage,
  request: { priority: number } | null,
): string | null {
  if (reserve === null || quota.nodes === null) return null;
  if (quota.nodes - nodes > reserve.nodes) return null;
  if (request !== null && request.priority >= reserve.priority) return null;
  const last = reserve.nodes === 1 ? 'the last node' : `the last ${reserve.nodes} nodes`;
  return `${last} of ${quota.nodes} in cloud ${name} ${reserve.nodes === 1 ? 'is' : 'are'} for jobs of priority ${reserve.priority} and above`;
}
