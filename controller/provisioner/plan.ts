import type { LabelMatcher } from '#controller/matching';
import type { Decline, Node, NodeRequest } from '#controller/store';
import type { Backoff } from './backoff.ts';
import { matchDemand } from './demand.ts';
import { noSuchLabel } from './no-such-label.ts';
import { countOccupancy, type Occupancy } from './occupancy.ts';
import { templatesOf, type CloudSet, type OpenCloud, type Template } from './open-cloud.ts';

/** What to do so that what is becomes what should be. */
export interface Plan {
  /** `request` is null where a template's `min-ready` asks. */
  launches: { template: Template; request: NodeRequest | null }[];
  declines: { request: NodeRequest; decline: Decline }[];
  /** Requests that nobody can ever meet. */
  failures: { request: NodeRequest; reason: string }[];
  /** Nodes without work. */
  retire: Node[];
  /** When a paused template may be tried again, in milliseconds since the epoch; null if none is paused. */
  due: number | null;
}

export interface Situation {
  /** Open requests, the longest waiting first. */
  requests: readonly NodeRequest[];
  /** All nodes that are not yet gone. */
  nodes: readonly Node[];
  clouds: CloudSet;
  matcher: LabelMatcher;
  backoff: Backoff;
  now: number;
}

/**
 * Planning is arithmetic (L10): `to launch = wanted + min-ready − (ready + on the way)`, bounded by quotas and pauses. It has no state and
 * no ticks: it is run whenever a request comes or a node goes. A request that can't be met now never keeps a later one from being met (I8).
 */
export function plan(situation: Situation): Plan {
  const { requests, nodes, clouds, matcher } = situation;
  const { unmet, spare } = matchDemand(requests, nodes, matcher);
  const occupancy = countOccupancy(nodes);
  const result: Plan = { launches: [], declines: [], failures: [], retire: [], due: null };

  for (const request of unmet) planRequest(request, situation, occupancy, result);
  for (const cloud of clouds) {
    for (const template of cloud.templates) planPool(cloud, template, spare, situation, occupancy, result);
  }
  result.retire.push(...spare.filter((node) => canRetire(node) && !isConfigured(node, clouds)));
  return result;
}

function planRequest(request: NodeRequest, situation: Situation, occupancy: Occupancy, result: Plan): void {
  const { clouds, matcher, now } = situation;
  const candidates = templatesOf(clouds).filter((template) =>
    matcher.matches(request.runs_on, template.labels),
  );
  if (candidates.length === 0) {
    result.failures.push({ request, reason: noSuchLabel(request.runs_on, templatesOf(clouds)) });
    return;
  }
  const open = candidates.filter((template) => lastDecline(request, template)?.final !== true);
  if (open.length === 0) {
    const reasons = candidates.map(
      (template) => `${template.cloud}/${template.name}: ${lastDecline(request, template)?.reason}`,
    );
    result.failures.push({ request, reason: `no cloud could give a node: ${reasons.join('; ')}` });
    return;
  }
  for (const template of open) {
    const no = refusal(template, situation, occupancy, result);
    if (no === null) {
      occupancy.add(template);
      result.launches.push({ template, request });
      return;
    }
    if (lastDecline(request, template)?.reason === no) continue;
    const decline = { cloud: template.cloud, template: template.name, reason: no, final: false, at: now };
    result.declines.push({ request, decline });
  }
}

/** Keeps `min-ready` spare nodes of the template: launches what is missing, retires what is too many. */
function planPool(
  cloud: OpenCloud,
  template: Template,
  spare: readonly Node[],
  situation: Situation,
  occupancy: Occupancy,
  result: Plan,
): void {
  const own = spare.filter((node) => node.cloud === cloud.name && node.template === template.name);
  for (let missing = template.minReady - own.length; missing > 0; missing -= 1) {
    if (refusal(template, situation, occupancy, result) !== null) return;
    occupancy.add(template);
    result.launches.push({ template, request: null });
  }
  result.retire.push(...own.slice(template.minReady).filter(canRetire));
}

/** Why the template can't have one more node now, or null. */
function refusal(
  template: Template,
  situation: Situation,
  occupancy: Occupancy,
  result: Plan,
): string | null {
  const { clouds, backoff, now } = situation;
  const pause = backoff.pause(template, now);
  if (pause !== null) {
    result.due = Math.min(result.due ?? pause.until, pause.until);
    return pause.reason;
  }
  const cloud = clouds.find(({ name }) => name === template.cloud);
  return cloud === undefined ? `there is no cloud ${template.cloud}` : occupancy.full(cloud, template);
}

/** While a launch is under way nobody may remove the node; it is retired once the cloud has answered. */
function canRetire(node: Node): boolean {
  return node.state !== 'planned' && node.state !== 'launching';
}

function isConfigured(node: Node, clouds: CloudSet): boolean {
  return templatesOf(clouds).some(({ cloud, name }) => cloud === node.cloud && name === node.template);
}

function lastDecline(request: NodeRequest, template: Template): Decline | undefined {
  return request.declines.findLast(
    ({ cloud, template: name }) => cloud === template.cloud && name === template.name,
  );
}
