import type { DeclineCode } from '#controller/store';
import { placeOf, type Candidate, type NodeOnItsWay, type Outlook } from './outlook.ts';
import type { Estimate } from './estimate.ts';
import { quotaEstimate } from './quota-estimate.ts';
import type { Times } from './times.ts';

/** The best guess there is: of the ways to a node, the one that is over first. Null where nobody can tell. */
export function estimateOf(outlook: Outlook, times: Times): Estimate | null {
  const started = soonest(outlook.nodes.map((node) => nodeEstimate(node, times)));
  if (started !== null) return started;
  return soonest(outlook.candidates.map((candidate) => candidateEstimate(candidate, outlook, times)));
}

/** One that names a time goes before one that names none. */
function soonest(estimates: readonly (Estimate | null)[]): Estimate | null {
  const known = estimates.filter((estimate) => estimate !== null);
  return known.toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || 0)[0] ?? null;
}

/** Past its usual start a node has until the 95th percentile; past that nobody knows. */
function nodeEstimate(node: NodeOnItsWay, times: Times): Estimate | null {
  const { createdAt, usualMs, tailMs } = node;
  if (node.state === 'ready') return { at: times.now, sentence: 'at once: a node is ready' };
  if (usualMs === null || tailMs === null) return null;
  const place = placeOf(node);
  const age = times.now - createdAt;
  if (age <= usualMs) {
    const at = createdAt + usualMs;
    const when = `probably at ${times.at(at)}, in ${times.span(at - times.now)}`;
    return { at, sentence: `${when}: ${startText(node, usualMs, times)}` };
  }
  const tail = `19 of 20 starts of ${place} take no more than ${times.span(tailMs)}`;
  if (age > tailMs) return { at: null, sentence: `later than usual: ${tail}` };
  const at = createdAt + tailMs;
  return { at, sentence: `very likely by ${times.at(at)}, slower than usual: ${tail}` };
}

function candidateEstimate(candidate: Candidate, { ahead }: Outlook, times: Times): Estimate | null {
  const { verdict, code, usualMs } = candidate;
  if (verdict === 'final') return null;
  const place = placeOf(candidate);
  if (code === 'quota' || code === 'hosts') return quotaEstimate(candidate, ahead, times);
  if (verdict === 'open') return openEstimate(candidate, times);
  const { until } = candidate;
  const hope = code === null ? undefined : HOPES[code];
  if (until === null || hope === undefined) return null;
  const again = Math.max(until, times.now);
  if (usualMs === null)
    return { at: null, sentence: `not before ${times.at(again)}, when ${place} is asked again` };
  const at = again + usualMs;
  const start = startText(candidate, usualMs, times);
  return { at, sentence: hope({ place, start, when: times.at(at), again: times.at(again) }) };
}

function openEstimate(candidate: Candidate, times: Times): Estimate | null {
  const { usualMs } = candidate;
  if (usualMs === null) return null;
  const at = times.now + usualMs;
  return { at, sentence: `probably at ${times.at(at)}: ${startText(candidate, usualMs, times)}` };
}

function startText(place: { cloud: string; template: string }, usualMs: number, times: Times): string {
  return `${placeOf(place)} usually takes ${times.span(usualMs)}`;
}

interface Words {
  place: string;
  /** What its starts usually take. */
  start: string;
  /** When it may be ready, and when it is asked again. */
  when: string;
  again: string;
}

/** How sure one can be after a no that ends by itself. */
const HOPES: Partial<Record<DeclineCode, (words: Words) => string>> = {
  rate: ({ start, when, again }) => `probably at ${when}: it may launch again at ${again}, and ${start}`,
  breaker: ({ place, start, when, again }) =>
    `not before ${when}, and only if ${place} works again: it is tried at ${again}, and ${start}`,
  aborted: ({ place, when, again }) =>
    `perhaps at ${when}, if there is room again: ${place} is asked at ${again}`,
};
