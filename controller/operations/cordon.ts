import { audit, type Journal, type Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { UNLEASED } from '#controller/nodes';
import {
  cordonsOf,
  deleteCordon,
  liveNodes,
  patchNode,
  putCordon,
  type Cordon as CordonRow,
  type Db,
  type Node,
  type NodeState,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { findTarget, type Target } from './target.ts';

const NO_REASON = 'no reason given';

export interface Deps {
  journal: Journal;
  fleet: Fleet;
}

export interface CordonWish {
  /** A cloud, a template as `cloud/template`, or the id of a node. */
  target: string;
  /** One sentence for people; without it, that of a cordon that stands already remains. */
  reason: string | null;
  /** Who wants it: the name of a token. */
  actor: string;
}

/** A cordon that stands. */
export interface Cordon {
  kind: Target['kind'];
  target: string;
  reason: string;
  /** Who made it, and when; a node's row has the reason alone, the rest is told by its event. */
  actor: string | null;
  at: number | null;
}

/** States in which a node can be cordoned: whatever serves, or may come to serve, a job. */
const CORDONABLE = [...UNLEASED, 'leased', 'uploading', 'held', 'failed'] as const satisfies NodeState[];

/**
 * No new nodes come from the target, and no job gets its ready ones, until somebody takes the cordon away. Jobs that run go on. Doing it
 * twice changes nothing but a reason that is another one.
 *
 * @throws FootmanError `not-found` with the nearest names; `conflict` for a node that is being removed.
 */
export function cordonTarget({ journal, fleet }: Deps, wish: CordonWish): Promise<Cordon> {
  return journal.commit(async (tx) =>
    cordonIn(tx, await findTarget({ db: tx.db, fleet }, wish.target), wish),
  );
}

/** The same, in a transaction that does more. */
export async function cordonIn(tx: Tx, target: Target, { reason, actor }: CordonWish): Promise<Cordon> {
  const known = await standing(tx, target);
  if (known !== undefined && (reason === null || reason === known.reason)) return known;
  const row = { target: target.name, reason: reason ?? NO_REASON, actor, at: tx.at };
  if (target.kind !== 'node') await putCordon(tx.db, row);
  else if ((await mark(tx, target.name, row.reason)) === undefined) throw isGoing(target.name);
  await note(tx, target, 'cordoned', row);
  return { kind: target.kind, ...row };
}

/**
 * Takes the target's own cordon away; that of its cloud or template stays. Returns null where there was none.
 *
 * @throws FootmanError `not-found` with the nearest names
 */
export function uncordonTarget(
  { journal, fleet }: Deps,
  { target: name, actor }: Pick<CordonWish, 'target' | 'actor'>,
): Promise<Cordon | null> {
  return journal.commit(async (tx) => {
    const target = await findTarget({ db: tx.db, fleet }, name);
    const known = await standing(tx, target);
    if (known === undefined) return null;
    if (target.kind === 'node') await mark(tx, target.node.id, null);
    else await deleteCordon(tx.db, name);
    await note(tx, target, 'uncordoned', { reason: known.reason, actor });
    return known;
  });
}

/** All that stand: those of clouds and templates, then those of nodes. */
export async function standingCordons(db: Db): Promise<Cordon[]> {
  const [rows, nodes] = await Promise.all([cordonsOf(db), liveNodes(db)]);
  return [...rows.map(ofRow), ...nodes.flatMap((node) => ofNode(node) ?? [])];
}

async function standing({ db }: Tx, target: Target): Promise<Cordon | undefined> {
  if (target.kind === 'node') return ofNode(target.node);
  const row = (await cordonsOf(db)).find((cordon) => cordon.target === target.name);
  return row && ofRow(row);
}

function ofRow(row: CordonRow): Cordon {
  return { kind: row.target.includes('/') ? 'template' : 'cloud', ...row };
}

function ofNode({ id, cordoned }: Node): Cordon | undefined {
  if (cordoned === null) return undefined;
  return { kind: 'node', target: id, reason: cordoned, actor: null, at: null };
}

function mark(tx: Tx, id: string, reason: string | null): Promise<Node | undefined> {
  return patchNode(tx.db, id, CORDONABLE, { cordoned: reason });
}

async function note(
  tx: Tx,
  { kind, name }: Target,
  state: 'cordoned' | 'uncordoned',
  { reason, actor }: { reason: string; actor: string },
): Promise<void> {
  const nodeId = kind === 'node' ? name : null;
  await tx.record({ kind: 'cordon', nodeId, data: { id: name, state, target: kind, reason, actor } });
  await audit(tx, { actor, action: `${kind}.${state}`, subject: name, data: { reason } });
}

function isGoing(id: string): FootmanError {
  return new FootmanError('conflict', `node ${id} is being removed already`);
}
