import type { Refusal, Template } from '#controller/fleet';
import { MAX_DECLINES } from '#controller/store';
import { lastDecline, type Candidates } from './candidates.ts';
import { pinFor, type OpenRequest } from './open-request.ts';
import type { Plan } from './planned.ts';
import type { Refusals } from './refusals.ts';
import type { Situation } from './situation.ts';

/** A plan in the making, with what its parts share. */
export interface Draft {
  situation: Situation;
  candidates: Candidates;
  refusals: Refusals;
  plan: Plan;
}

/** The plan is looked at again at that time, or sooner. */
export function lookAgain({ plan }: Draft, at: number | null): void {
  if (at !== null) plan.due = Math.min(plan.due ?? at, at);
}

export function launch(
  { plan, refusals }: Draft,
  planned: { template: Template; request: OpenRequest | null; isHedge: boolean },
): void {
  const pin = pinFor(planned.template, planned.request);
  plan.launches.push({ ...planned, pin, host: refusals.take(planned.template, pin) });
}

/** Notes the no, unless it is the one that the request has heard already. */
export function decline(draft: Draft, request: OpenRequest, template: Template, refusal: Refusal): void {
  lookAgain(draft, refusal.until);
  const { code, reason } = refusal;
  const last = lastDecline(request, template);
  if (last?.code === code && last.reason === reason) return;
  // Where there are more candidates than a request remembers, one more would only put out another one, at each pass anew.
  if (last === undefined && request.declines.length >= MAX_DECLINES) return;
  const { cloud, name } = template;
  const at = draft.situation.now;
  draft.plan.declines.push({ request, decline: { cloud, template: name, code, reason, final: false, at } });
}
