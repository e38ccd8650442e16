import {
  cordonOfTemplate,
  countOccupancy,
  subjectOf,
  templateKey,
  type Occupancy,
  type Quota,
  type Refusal,
  type Template,
} from '#controller/fleet';
import type { DeclineCode } from '#controller/store';
import { pinFor, type OpenRequest } from './open-request.ts';
import type { InTheWay } from './in-the-way.ts';
import { versionKey, type Situation } from './situation.ts';

const UNLIMITED: Quota = { nodes: null, cpus: null, memoryBytes: null };

const NOT_LEARNED = 'its nodes may have the labels; the first one to tell is on its way';

/** Hosts whose troubles an explanation tells. */
const MOST_TROUBLES = 3;

/** Of what no job waits for. */
const POOL = -1;

/** Why a candidate can't have one more node now, as far as the planner knows without asking its cloud. */
export interface Refusals {
  of(template: Template, request: Asking | null): Refusal | null;
  /** The same of a template of which no node has told its labels yet: one node is asked first, whoever wants to know. */
  ofUnlearned(template: Template, request: Asking): Refusal | null;
  /** Which nodes take up the room that the request was just refused for want of; null where none does but those of the template itself. */
  inTheWay(template: Template, request: OpenRequest, code: DeclineCode): InTheWay | null;
  /**
   * One more node of the template will be launched, for one version of an image or for everybody; the static host that it gets, or null where
   * its cloud has none.
   */
  take(template: Template, pin: string | null): string | null;
}

/** What of a request a refusal depends on. */
type Asking = Pick<OpenRequest, 'priority' | 'images'>;

type Known = Map<Template, { refusal: Refusal; priority: number }>;

export function createRefusals(situation: Situation): Refusals {
  const { nodes, cordons, fleet, breakers, rates, currentVersions, now } = situation;
  // Most plans launch nothing, and need not count.
  let counted: Occupancy | undefined;
  const freeHosts = new Map([...situation.freeHosts].map(([cloud, names]) => [cloud, new Set(names)]));
  const inTheWay = new Map<string, InTheWay | null>();
  /** Launches by cloud. */
  const planned = new Map<string, number>();
  const known: { common: Known; pinned: Known } = { common: new Map(), pinned: new Map() };

  return {
    of,
    ofUnlearned(template, request) {
      const subject = subjectOf(template, pinFor(template, request));
      if (occupancy().underWay(subject).nodes === 0) return of(template, request);
      return { code: 'labels', reason: NOT_LEARNED, until: null };
    },
    inTheWay(template, request, code) {
      const key = `${templateKey(template)} ${code} ${request.priority}`;
      const before = inTheWay.get(key);
      if (before !== undefined) return before;
      const found = lookInTheWay(template, request, code);
      inTheWay.set(key, found);
      return found;
    },
    take(template, pin) {
      planned.set(template.cloud, (planned.get(template.cloud) ?? 0) + 1);
      occupancy().add(template, pin);
      const [host = null] = hostsLeft(template) ?? [];
      if (host !== null) freeHosts.get(template.cloud)?.delete(host);
      return host;
    },
  };

  function of(template: Template, request: Asking | null): Refusal | null {
    const pin = pinFor(template, request);
    if (pin !== null) return versionRefusal(template, pin) ?? ofNode(template, request, 'pinned');
    return streamRefusal(template) ?? ofNode(template, request, 'common');
  }

  /** Until a version is promoted there is nothing to make its nodes from. */
  function streamRefusal({ cloud, stream }: Template): Refusal | null {
    if (stream === null || currentVersions.has(versionKey({ cloud, stream }))) return null;
    return { code: 'image', reason: `stream ${stream} has no version in cloud ${cloud} yet`, until: null };
  }

  /** A version that does not come up is tried less and less often, as a template is. */
  function versionRefusal(template: Template, pin: string): Refusal | null {
    const version = subjectOf(template, pin);
    return breakers.refusal(version, occupancy().underWay(version), now);
  }

  function ofNode(template: Template, request: Asking | null, kind: keyof typeof known): Refusal | null {
    const priority = request?.priority ?? POOL;
    const before = known[kind].get(template);
    // Room only gets less during a plan: what one was refused, no lesser one gets.
    if (before !== undefined && priority <= before.priority) return before.refusal;
    const refusal = refusalOf(template, request, kind);
    if (refusal !== null) known[kind].set(template, { refusal, priority });
    return refusal;
  }

  function occupancy(): Occupancy {
    return (counted ??= countOccupancy(nodes, fleet));
  }

  function refusalOf(template: Template, request: Asking | null, kind: keyof typeof known): Refusal | null {
    const cloud = fleet.cloud(template.cloud);
    const cordon = cordonOfTemplate(template, cordons);
    if (cordon !== null) return { code: 'cordoned', reason: cordon, until: null };
    if (cloud === undefined) return null;
    const { nodes, asked } = occupancy().underWay(template);
    // The probe of a template that failed is a node of what it says itself: what others make of a version tells nothing of that.
    const probes = kind === 'common' ? nodes : 0;
    return (
      breakers.refusal(template, { nodes: probes, asked }, now) ??
      occupancy().refusal(cloud, template, request) ??
      hostRefusal(template) ??
      rates.refusal(cloud, now, planned.get(cloud.name))
    );
  }

  function lookInTheWay(template: Template, request: OpenRequest, code: DeclineCode): InTheWay | null {
    const { cloud } = template;
    if (code === 'hosts') {
      const hosts = hostsOf(template) ?? [];
      return (node) => node.cloud === cloud && node.host !== null && hosts.includes(node.host);
    }
    if (code !== 'quota' && code !== 'reserve') return null;
    return wouldFit(template, request) ? (node) => node.cloud === cloud : null;
  }

  /** Whether a cloud that is empty would have room for it, and the template has. */
  function wouldFit(template: Template, request: OpenRequest): boolean {
    const cloud = fleet.cloud(template.cloud);
    if (cloud === undefined || countOccupancy([], fleet).refusal(cloud, template, request) !== null)
      return false;
    return occupancy().refusal({ ...cloud, quota: UNLIMITED, reserve: null }, template, request) === null;
  }

  function hostRefusal(template: Template): Refusal | null {
    if (hostsLeft(template)?.length !== 0) return null;
    const reason = `all static hosts of template ${template.name} are busy, being reset, or quarantined`;
    return { code: 'hosts', reason: `${reason}${troublesOf(template)}`, until: null };
  }

  function troublesOf(template: Template): string {
    const ofCloud = situation.hostTroubles.get(template.cloud);
    const troubles = (hostsOf(template) ?? []).flatMap((host) => {
      const trouble = ofCloud?.get(host);
      return trouble === undefined ? [] : [`${host}: ${trouble}`];
    });
    if (troubles.length === 0) return '';
    const more = troubles.length > MOST_TROUBLES ? `; ${troubles.length - MOST_TROUBLES} more` : '';
    return ` (${troubles.slice(0, MOST_TROUBLES).join('; ')}${more})`;
  }

  /** Those that fit, the best first; undefined where nodes of the template have no host of their own. */
  function hostsLeft(template: Template): string[] | undefined {
    const all = hostsOf(template);
    if (all === undefined) return undefined;
    return [...(freeHosts.get(template.cloud) ?? [])].filter((host) => all.includes(host));
  }

  function hostsOf(template: Template): readonly string[] | undefined {
    return fleet.cloud(template.cloud)?.cloud.hosts?.of(template.settings) ?? undefined;
  }
}
