import { lastDecline } from './candidates.ts';
import type { Demand } from './demand.ts';
import { decline, launch, lookAgain, type Draft } from './draft.ts';
import { hedgeAt } from './hedging.ts';
import type { OpenRequest } from './open-request.ts';
import { isCrowded, type InTheWay } from './in-the-way.ts';
import { noCandidate } from './no-candidate.ts';
import type { ProjectRoom } from './project-room.ts';

/**
 * Launches what jobs wait for, and a second node where the first one is slower than usual. Returns, for each job that waits for room, what
 * takes that up.
 */
export function planRequests(draft: Draft, { served, unmet, room }: Demand): InTheWay[] {
  const crowded = unmet.flatMap((request) => planRequest(draft, request, room) ?? []);
  // Whoever has no node at all goes first.
  for (const { request, nodes } of served) {
    const [first, second] = nodes;
    if (first === undefined || second !== undefined) continue;
    const at = hedgeAt(first, draft.situation);
    if (at === null) continue;
    if (at > draft.situation.now) lookAgain(draft, at);
    else hedge(draft, request, { slow: first, crowded });
  }
  return crowded;
}

/** Returns what takes up the room that the job lacks; undefined where that is not what it waits for. */
function planRequest(draft: Draft, request: OpenRequest, room: ProjectRoom): InTheWay | undefined {
  const { situation, candidates, refusals, plan } = draft;
  const certain = candidates.of(request);
  const all = [...certain, ...candidates.possible(request)];
  if (all.length === 0) {
    plan.failures.push({ request, reason: noCandidate(request, situation.fleet.templates()) });
    return undefined;
  }
  const open = all.filter((template) => lastDecline(request, template)?.final !== true);
  if (open.length === 0) {
    const reasons = all.map(
      (template) => `${template.cloud}/${template.name}: ${lastDecline(request, template)?.reason}`,
    );
    plan.failures.push({ request, reason: `no cloud could give a node: ${reasons.join('; ')}` });
    return undefined;
  }
  const full = room.refusal(request);
  const crowded: InTheWay[] = [];
  for (const template of open) {
    const asked = certain.includes(template) ? refusals.of : refusals.ofUnlearned;
    const refusal = full ?? asked(template, request);
    if (refusal === null) {
      room.take(request);
      launch(draft, { template, request, isHedge: false });
      return undefined;
    }
    decline(draft, request, template, refusal);
    const inTheWay = refusals.inTheWay(template, request, refusal.code);
    if (inTheWay !== null) crowded.push(inTheWay);
  }
  return crowded.length === 0 ? undefined : (node) => crowded.some((isInTheWay) => isInTheWay(node));
}

/**
 * A second node from elsewhere: the first one that is ready wins, the other one is spare. It takes no room for which a job waits that has no
 * node at all.
 */
function hedge(
  draft: Draft,
  request: OpenRequest,
  { slow, crowded }: { slow: { cloud: string; template: string }; crowded: readonly InTheWay[] },
): void {
  for (const template of draft.candidates.of(request)) {
    if (isCrowded(template.cloud, crowded)) continue;
    if (template.cloud === slow.cloud && template.name === slow.template) continue;
    if (lastDecline(request, template)?.final === true) continue;
    const refusal = draft.refusals.of(template, request);
    if (refusal === null) {
      launch(draft, { template, request, isHedge: true });
      return;
    }
    lookAgain(draft, refusal.until);
  }
}
