import { placeOf, type Candidate, type NodeOnItsWay, type Outlook } from './outlook.ts';
import type { Times } from './times.ts';

/** Why a job that is in the queue has no node yet, in one line (L20). */
export function queueSentence({ runsOn, candidates, nodes, ahead }: Outlook, times: Times): string {
  const wanted = `it waits for a node that is \`${runsOn}\``;
  if (nodes.length > 0)
    return `${wanted}: ${nodes.map((node) => `${placeOf(node)} ${nodeSentence(node, times)}`).join('; ')}`;
  if (candidates.length === 0) return wanted;
  const open = candidates.find(({ verdict }) => verdict === 'open');
  const why = open === undefined ? refusals(candidates, times) : `${placeOf(open)} is about to launch one`;
  return `${wanted}: ${why}${ahead === 0 ? '' : `; ${countOf(ahead, 'job')} before it`}`;
}

/** `launching since 14s, usually 31s`. */
export function nodeSentence({ state, createdAt, usualMs }: NodeOnItsWay, times: Times): string {
  if (state === 'ready') return 'is ready';
  const since = `launching since ${times.span(Math.max(0, times.now - createdAt))}`;
  const usually = usualMs === null ? '' : `, usually ${times.span(usualMs)}`;
  return `${since}${usually}${STEPS[state] ?? ''}`;
}

const STEPS: Partial<Record<NodeOnItsWay['state'], string>> = {
  connecting: ', its agent is still to dial in',
  checking: ', being checked',
};

/** Why the candidate gives no node now; null when it would. */
export function candidateSentence(candidate: Candidate, times: Times): string | null {
  const { verdict, code, reason, until, failing } = candidate;
  if (verdict === 'open') return null;
  const why = reason ?? 'it declined';
  if (verdict === 'final') return `${why} (it is not asked again)`;
  if (until === null || until <= times.now) return why;
  if (code !== 'breaker' || failing === null) return `${why}, until ${times.at(until)}`;
  const last = failing.reason === null ? '' : `: ${failing.reason}`;
  return `breaker open until ${times.at(until)} after ${countOf(failing.failures, 'failure')}${last}`;
}

/** `rax/small: at quota; hp/small, hp/big: cordoned`: what several have in common is said once. */
function refusals(candidates: readonly Candidate[], times: Times): string {
  const byReason = Map.groupBy(candidates, (candidate) => candidateSentence(candidate, times) ?? '');
  return [...byReason]
    .map(([reason, alike]) => `${alike.map((candidate) => placeOf(candidate)).join(', ')}: ${reason}`)
    .join('; ');
}

/** `1 job`, `12 jobs`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
