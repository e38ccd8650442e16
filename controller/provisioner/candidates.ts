import { serves, templateKey, type Template } from '#controller/fleet';
import type { Verdict } from '#shared/labels';
import type { Decline } from '#controller/store';
import type { OpenRequest } from './open-request.ts';
import type { Situation } from './situation.ts';

/** Which templates could serve a request, the best first. */
export interface Candidates {
  /** All whose labels fit and that may serve it, those that this request has declined for good included. */
  of(request: OpenRequest): readonly Template[];
  /** Those of which no node has told its labels yet and that may fit. */
  possible(request: OpenRequest): readonly Template[];
}

/** Starts that differ by less than that share are as quick as each other. */
const SAME_START = 0.25;

/**
 * The policy: a candidate that has not failed this very request goes before one that has; then the greater weight, the better success rate
 * (in tenths, so that one failure among many changes nothing), the quicker start, the lower cost, and the order of the configuration.
 */
export function createCandidates({
  fleet,
  matcher,
  history,
}: Pick<Situation, 'fleet' | 'matcher' | 'history'>): Candidates {
  const byVerdict = {
    yes: new Map<string, readonly Template[]>(),
    maybe: new Map<string, readonly Template[]>(),
  };

  return {
    of(request) {
      if (request.pool !== null) {
        const template = fleet.template(request.pool.cloud, request.pool.template);
        return template === undefined ? [] : [template];
      }
      return ranked(request, 'yes');
    },
    possible: (request) => (request.pool === null ? ranked(request, 'maybe') : []),
  };

  function ranked(request: OpenRequest, verdict: 'yes' | 'maybe'): readonly Template[] {
    const known = byVerdict[verdict].get(request.runsOn) ?? rank(request.runsOn, verdict);
    byVerdict[verdict].set(request.runsOn, known);
    const { images, declines } = request;
    const allowed =
      images === null ? known : known.filter((template) => Object.hasOwn(images, templateKey(template)));
    return declines.some(isFailure) ? failedLast(allowed, request) : allowed;
  }

  function rank(runsOn: string, verdict: Verdict): Template[] {
    const fitting = fleet.templates().filter((template) => serves(template, runsOn, matcher) === verdict);
    const merits = new Map(fitting.map((template) => [template, meritsOf(template)]));
    const order = new Map(fitting.map((template, index) => [template, index]));
    return fitting.toSorted((a, b) => {
      const differences = (merits.get(a) ?? []).map((merit, index) => merit - (merits.get(b)?.[index] ?? 0));
      return differences.find((difference) => difference !== 0) ?? (order.get(a) ?? 0) - (order.get(b) ?? 0);
    });
  }

  /** Smaller is better, the first that differs decides. */
  function meritsOf(template: Template): number[] {
    const success = Math.round(history.successRate(template) * 10);
    const start = history.startMs(template, 0.5);
    // On a logarithmic scale equal steps are equal ratios.
    const pace = start === null ? 0 : Math.floor(Math.log(Math.max(1, start)) / Math.log(1 + SAME_START));
    return [-template.weight, -success, pace, template.cost];
  }
}

/** Those that have failed the request go last, the one that failed longest ago first among them. */
function failedLast(ranked: readonly Template[], request: OpenRequest): Template[] {
  const failedAt = (template: Template): number => {
    const decline = lastDecline(request, template);
    return decline !== undefined && isFailure(decline) ? decline.at : 0;
  };
  return ranked.toSorted((a, b) => failedAt(a) - failedAt(b));
}

function isFailure({ code }: Decline): boolean {
  return code === 'failed' || code === 'aborted';
}

export function lastDecline(request: OpenRequest, template: Template): Decline | undefined {
  return request.declines.findLast(
    ({ cloud, template: name }) => cloud === template.cloud && name === template.name,
  );
}
