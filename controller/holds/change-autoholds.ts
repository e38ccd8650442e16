import type { HoldSettings } from '#controller/config';
import type { Journal } from '#controller/events';
import { endAutohold as endRow, findAutohold, insertAutohold, newId, type Autohold } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { assertOwn, type Caller } from './caller.ts';
import { checkKeys } from './grant-keys.ts';
import { note } from './record.ts';
import { checkTime, type HoldRequest } from './request-hold.ts';

/** A rule that somebody wants. */
export interface AutoholdRequest extends HoldRequest {
  /** Project's name, and globs of the pipeline's name, the job's key and the branch; null matches all. */
  project: string | null;
  pipeline: string | null;
  job: string | null;
  branch: string | null;
  /** How many failures it holds. */
  count: number;
  /** How long it stands at most, in milliseconds; null for a week. */
  standsMs: number | null;
}

const STANDS_MS = 7 * 24 * 3_600_000;

/**
 * From now on the next failures that match are held.
 *
 * @throws FootmanError `request-invalid` for a rule that is for everything, for keys that are none, or too long a time
 */
export async function addAutohold(
  journal: Journal,
  { maximum }: Pick<HoldSettings, 'maximum'>,
  request: AutoholdRequest,
  { actor }: Caller,
): Promise<Autohold> {
  const { project, pipeline, job, branch, count, forMs, reason, keys, standsMs } = request;
  if (project === null && pipeline === null && job === null)
    throw new FootmanError('request-invalid', 'a rule names a project, a pipeline or a job', {
      hint: 'one for everything would hold the next failure of anybody',
    });
  checkTime(forMs, maximum);
  return journal.commit(async (tx) => {
    await checkKeys(tx, keys, actor);
    const row: Autohold = {
      id: newId(),
      project,
      pipeline,
      job,
      branch,
      remaining: count,
      count,
      for_ms: forMs,
      reason,
      keys: [...keys],
      owner: actor,
      created_at: tx.at,
      expires_at: tx.at + (standsMs ?? STANDS_MS),
      ended_at: null,
    };
    await insertAutohold(tx.db, row);
    await tx.record({ kind: 'autohold', data: { id: row.id, state: 'standing', remaining: count } });
    const data = { project, pipeline, job, branch, count, forMs, reason, keys: keys.length };
    await note(tx, { subject: row.id, action: 'autohold.added', actor, data });
    return row;
  });
}

/** Ends a rule; what it has held stays held. One that is over stays as it is. @throws FootmanError `not-found`, `forbidden` */
export function endAutohold(journal: Journal, id: string, caller: Caller): Promise<Autohold> {
  return journal.commit(async (tx) => {
    const known = await findAutohold(tx.db, id);
    if (known === undefined)
      throw new FootmanError('not-found', `there is no rule ${id}`, {
        hint: '`footman autohold ls` lists them',
      });
    assertOwn(caller, known.owner, `rule ${id}`);
    const ended = await endRow(tx.db, id, tx.at);
    if (ended === undefined) return known;
    await tx.record({ kind: 'autohold', data: { id, state: 'ended', remaining: ended.remaining } });
    await note(tx, { subject: id, action: 'autohold.ended', actor: caller.actor, data: {} });
    return ended;
  });
}
