import type { CloudResource } from '#controller/clouds';
import type { Node, NodeState } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/**
 * What the sweep makes of something:
 *
 * `kept`       it is as it should be
 * `suspected`  it looks wrong, and that is not enough to act on
 * `removed`    a resource that leaked; the sweep removes it
 * `lost`       a node whose resource has vanished; the sweep gives it up
 */
export type Verdict = 'kept' | 'suspected' | 'removed' | 'lost';

export interface Judgement {
  verdict: Verdict;
  /** Half a sentence that goes on from the verdict, for people. */
  reason: string;
}

/** What a successful listing of a cloud and the rows on both sides of it show. */
export interface Sight {
  /** Nodes of the cloud with a living row, before the listing and after it. */
  before: ReadonlyMap<string, Node>;
  after: ReadonlyMap<string, Node>;
  /** Nodes of which the listing shows something. */
  seen: ReadonlySet<string>;
  /** What the successful listing before this one made look wrong, by `suspectOf`. */
  suspects: ReadonlySet<string>;
  /** The job that has the node, such as `12/test`. */
  jobOf(nodeId: string): string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** Age under which nothing is taken for wrong. */
  graceMs: number;
}

/** States in which a node must have a resource that a listing shows. */
const EXISTING: ReadonlySet<NodeState> = new Set([
  'connecting',
  'checking',
  'ready',
  'leased',
  'uploading',
  'held',
]);

/** How a suspicion is remembered: a resource and a node may have one name. */
export function suspectOf(what: 'resource' | 'node', id: string): string {
  return `${what} ${id}`;
}

/** A resource leaked when no living node has it, it is older than the grace, and two listings in a row agree on that (L5). */
export function judgeResource(resource: CloudResource, sight: Sight): Judgement {
  const { id, nodeId, createdAt } = resource;
  const node = sight.after.get(nodeId);
  if (node !== undefined) return kept(usedBy(node, sight));
  if (nodeId === '')
    return suspected('it bears our tag and names no node; whose it is can only be seen by hand');
  if (sight.before.has(nodeId)) return kept('its node went while the cloud was listed');
  const age = sight.now - createdAt;
  if (age < sight.graceMs) return kept(`younger than the grace (${ageOf(age, sight.graceMs)})`);
  if (sight.suspects.has(suspectOf('resource', id)))
    return { verdict: 'removed', reason: 'no living node, seen in two listings' };
  return suspected('seen without a node once; the next listing decides');
}

/** A node is lost when no listing shows it, it is older than the grace, and its agent does not serve a job, or people, all the same (L5, L9). */
export function judgeNode(node: Node, sight: Sight): Judgement {
  const { id, state, created_at: createdAt } = node;
  if (sight.seen.has(id)) return kept('the cloud has it');
  if (!EXISTING.has(state)) return kept(`it is ${state}, and may have nothing in the cloud`);
  if (!sight.before.has(id)) return kept('it was made while the cloud was listed');
  const age = sight.now - createdAt;
  if (age < sight.graceMs) return kept(`younger than the grace (${ageOf(age, sight.graceMs)})`);
  if (!sight.suspects.has(suspectOf('node', id)))
    return suspected('missing in one listing; the next one decides');
  if (isAtWork(node)) return suspected('missing in two listings, but its agent talks to us');
  return { verdict: 'lost', reason: 'missing in two listings' };
}

/** A job whose agent talks to us is alive, and so is a held node, whatever a listing says. */
export function isAtWork({ state, disconnected_at: disconnectedAt }: Node): boolean {
  return (state === 'leased' || state === 'uploading' || state === 'held') && disconnectedAt === null;
}

/** Whether a listing that does not show the node says anything. */
export function mustExist({ state }: Node): boolean {
  return EXISTING.has(state);
}

function usedBy(node: Node, { jobOf }: Sight): string {
  const { id, state, stopped_at: stoppedAt, removal_failures: failures } = node;
  if (state === 'leased') return `its node serves job ${jobOf(id) ?? '(none that is known)'}`;
  if (state !== 'deleting') return `its node is ${state}`;
  if (failures > 0)
    return `its node is being removed; ${failures} ${failures === 1 ? 'try' : 'tries'} failed`;
  return stoppedAt === null ? 'its node is being stopped' : 'its node is stopped, and removed later';
}

function ageOf(age: number, grace: number): string {
  return `${formatDuration(Math.max(0, age))} of ${formatDuration(grace)}`;
}

function kept(reason: string): Judgement {
  return { verdict: 'kept', reason };
}

function suspected(reason: string): Judgement {
  return { verdict: 'suspected', reason };
}
