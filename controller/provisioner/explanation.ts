import type { Template } from '#controller/fleet';
import type { DeclineCode, Node } from '#controller/store';
import { orderQueue } from '#controller/queue';
import { createCandidates, lastDecline } from './candidates.ts';
import { matchDemand } from './demand.ts';
import { pinFor, type OpenRequest } from './open-request.ts';
import { createRefusals } from './refusals.ts';
import { versionKey, type Situation } from './situation.ts';

/** Why a job has no node yet, as of now (L20). */
export interface RequestExplanation {
  request: OpenRequest;
  /** Its nodes on their way; `usualMs` is how long such nodes usually take from the plan to being ready, in milliseconds. */
  nodes: { node: Node; usualMs: number | null }[];
  /** The best first; empty where no template has the labels. */
  candidates: CandidateState[];
  /** Requests of other jobs that come before it and could take a node of one of its candidates. */
  ahead: number;
}

export interface CandidateState {
  cloud: string;
  template: string;
  /** The version of an image that its node would be made for; null for what the template says itself. */
  pin: string | null;
  /** The version that its node would be made from: that one, or the one that the template's stream gives now; null where that is no stream. */
  version: string | null;
  /** `final`: it is not asked again for this request. */
  verdict: 'open' | 'declined' | 'final';
  code: DeclineCode | null;
  /** One sentence; null for one that is open. */
  reason: string | null;
  /** When it may be different, in milliseconds since the epoch; null where that depends on others. */
  until: number | null;
}

/** Looks at the request with the planner's own eyes; undefined when the job has no open request. */
export function explainRequest(jobId: string, situation: Situation): RequestExplanation | undefined {
  const { requests, nodes, usage, history, currentVersions, now } = situation;
  const queue = orderQueue(
    requests.filter(({ pool }) => pool === null),
    usage,
    now,
  );
  const place = queue.findIndex((request) => request.jobId === jobId);
  const request = queue[place];
  if (request === undefined) return undefined;
  const candidates = createCandidates(situation);
  const [certain, possible] = [candidates.of(request), candidates.possible(request)];
  const own = new Set([...certain, ...possible]);
  const rivals = queue
    .slice(0, place)
    .filter((other) => candidates.of(other).some((template) => own.has(template)));
  const refusals = createRefusals(situation);
  const { unmet, room } = matchDemand(queue, situation);
  // One that has a node has its place among its project's.
  const full = unmet.includes(request) ? room.refusal(request) : null;
  return {
    request,
    ahead: rivals.length,
    nodes: nodes
      .filter(
        ({ request_id: id, leased_at: leasedAt, state }) =>
          id === request.id && leasedAt === null && state !== 'deleting',
      )
      .map((node) => ({ node, usualMs: history.startMs({ cloud: node.cloud, name: node.template }, 0.5) })),
    candidates: [...own].map((template) => stateOf(template, request)),
  };

  function stateOf(template: Template, request: OpenRequest): CandidateState {
    const last = lastDecline(request, template);
    const pin = pinFor(template, request);
    const place = {
      cloud: template.cloud,
      template: template.name,
      pin,
      version: pin ?? currentOf(template),
    };
    if (last?.final === true) {
      return { ...place, verdict: 'final', code: last.code, reason: last.reason, until: null };
    }
    const asked = possible.includes(template) ? refusals.ofUnlearned : refusals.of;
    const refusal = full ?? asked(template, request);
    if (refusal === null) return { ...place, verdict: 'open', code: null, reason: null, until: null };
    return { ...place, verdict: 'declined', ...refusal };
  }

  function currentOf({ cloud, stream }: Template): string | null {
    return stream === null ? null : (currentVersions.get(versionKey({ cloud, stream })) ?? null);
  }
}
