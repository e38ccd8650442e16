import {
  keysOfHolds,
  type Db,
  type HoldKey as KeyRow,
  type HoldSession as SessionRow,
  type ListedHold,
} from '#controller/store';
import { waysIn, type Surroundings } from './ways-in.ts';
import type { Hold, HoldKey, HoldSession } from './schema.ts';

export async function viewHolds(
  db: Db,
  holds: readonly ListedHold[],
  surroundings: Surroundings,
): Promise<Hold[]> {
  const ids = holds.map(({ id }) => id);
  const keys = Map.groupBy(await keysOfHolds(db, ids), (key) => key.hold_id);
  return holds.map((hold) => view(hold, keys.get(hold.id) ?? [], surroundings));
}

export async function viewHold(db: Db, hold: ListedHold, surroundings: Surroundings): Promise<Hold> {
  const [viewed] = await viewHolds(db, [hold], surroundings);
  if (viewed === undefined) throw new Error('a hold has no view');
  return viewed;
}

function view(hold: ListedHold, keys: readonly KeyRow[], surroundings: Surroundings): Hold {
  const { cloud, template, connected, trouble } = hold;
  return {
    id: hold.id,
    state: hold.state,
    owner: hold.owner,
    origin: hold.origin,
    reason: hold.reason,
    outcome: hold.outcome,
    node: { id: hold.node_id, cloud, template, state: hold.nodeState, connected, trouble },
    build: { id: hold.build_id, number: hold.buildNumber, pipeline: hold.pipeline },
    job: { id: hold.job_id, key: hold.jobKey, result: hold.jobResult },
    admitted: hold.admitted === 1,
    expiresAt: hold.expires_at,
    latestAt: hold.latest_at,
    usedAt: hold.used_at,
    createdAt: hold.created_at,
    endedAt: hold.state === 'held' ? null : hold.state_since,
    keys: keys.map(viewKey),
    access: waysIn(hold, keys, surroundings),
    snapshot: hold.snapshot,
    resumes: hold.resumes,
  };
}

export function viewKey(key: KeyRow): HoldKey {
  return {
    id: key.id,
    fingerprint: key.fingerprint,
    comment: key.comment,
    login: key.login,
    addedBy: key.added_by,
    addedAt: key.added_at,
    revokedBy: key.revoked_by,
    revokedAt: key.revoked_at,
    placed: key.placed,
  };
}

export function viewSession(session: SessionRow): HoldSession {
  return {
    id: session.id,
    kind: session.kind,
    who: session.who,
    peer: session.peer,
    detail: session.detail,
    startedAt: session.started_at,
    endedAt: session.ended_at,
    recordedBytes: session.recorded,
  };
}
