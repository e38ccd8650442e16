import type { HoldSettings } from '#controller/config';
import type { Journal, Tx } from '#controller/events';
import {
  activeLeaseOfJob,
  findJob,
  listHolds,
  liveHolds,
  nodesOfLease,
  patchJob,
  type HoldWish,
  type Job,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import { assertOwn, type Caller } from './caller.ts';
import { checkKeys } from './grant-keys.ts';
import { whyTooMany } from './limits.ts';
import { note } from './record.ts';

/** For how long, why, and for whom besides its owner's own keys. */
export interface HoldRequest {
  /** Null for the default of the configuration. */
  forMs: number | null;
  reason: string | null;
  /** Public keys as lines of OpenSSH, and `@name` for those of a profile. */
  keys: readonly string[];
}

const UNFINISHED = ['blocked', 'queued', 'leased', 'running'] as const;

/**
 * Has the node of a job held when the job ends, however it does. Who asks again says anew for how long, why, and for whom.
 *
 * @throws FootmanError `not-found`; `conflict` for a job that has ended, or whose node somebody else wants, or where a limit is reached;
 * `request-invalid` for keys that are none, or too long a time
 */
export function requestHold(
  journal: Journal,
  settings: HoldSettings,
  { jobId, ...request }: HoldRequest & { jobId: string },
  caller: Caller,
): Promise<HoldWish> {
  return journal.commit(async (tx) => {
    const job = await findJob(tx.db, jobId);
    if (job === undefined) throw new FootmanError('not-found', `there is no job ${jobId}`);
    if (job.state === 'finished') throw await isOver(tx, job);
    if (job.hold !== null && job.hold.origin !== 'pipeline')
      assertOwn(caller, job.hold.owner, `the hold of job ${job.key}`);
    const asked = await wishOf(tx, settings, request, { ...caller, origin: 'request' });
    const wish = ofMachine(asked, job.hold);
    const why = whyTooMany(
      await liveHolds(tx.db),
      { owner: wish.owner, ...(await placeOf(tx, job)) },
      settings,
    );
    if (why !== null)
      throw new FootmanError('conflict', `job ${job.key} can't be held: ${why}`, {
        hint: 'release one that nobody needs any more: `footman hold ls` lists them',
      });
    // It may have ended since the look above: then it is told so.
    if ((await patchJob(tx.db, jobId, UNFINISHED, { hold: wish })) === undefined)
      throw await isOver(tx, (await findJob(tx.db, jobId)) ?? job);
    const { owner, forMs, reason, keys } = wish;
    const data = { job: job.key, build: job.build_id, owner, forMs, reason, keys: keys.length };
    await note(tx, { subject: jobId, action: 'hold.requested', actor: caller.actor, data });
    return wish;
  });
}

/** A captured machine that is started again stays one, whoever says anew how it is held. */
function ofMachine(asked: HoldWish, known: HoldWish | null): HoldWish {
  if (known?.origin !== 'resume') return asked;
  const { owner, reason, forMs, keys } = asked;
  return { ...known, owner, reason, forMs, keys };
}

/**
 * What a job's row says of a hold that somebody has asked for.
 *
 * @throws FootmanError `request-invalid` for keys that are none, or too long a time
 */
export async function wishOf(
  tx: Tx,
  { maximum }: Pick<HoldSettings, 'maximum'>,
  { forMs, reason, keys }: HoldRequest,
  { actor, origin }: { actor: string; origin: HoldWish['origin'] },
): Promise<HoldWish> {
  checkTime(forMs, maximum);
  await checkKeys(tx, keys, actor);
  return { on: origin === 'rerun' ? 'failure' : 'end', origin, owner: actor, reason, forMs, keys: [...keys] };
}

/** @throws FootmanError `request-invalid` */
export function checkTime(forMs: number | null, maximum: number): void {
  if (forMs === null || forMs <= maximum) return;
  throw new FootmanError(
    'request-invalid',
    `no node is held for ${formatDuration(forMs)}: ${formatDuration(maximum)} are the most`,
  );
}

/** Where its node is, once it has one. */
async function placeOf({ db }: Tx, { id }: Job): Promise<{ cloud?: string; template?: string }> {
  const lease = await activeLeaseOfJob(db, id);
  const [node] = lease === undefined ? [] : await nodesOfLease(db, lease.id);
  return node === undefined ? {} : { cloud: node.cloud, template: node.template };
}

async function isOver({ db }: Tx, job: Job): Promise<FootmanError> {
  const [hold] = await listHolds(db, { jobId: job.id, isLive: true, limit: 1 });
  if (hold !== undefined)
    return new FootmanError('conflict', `the node of job ${job.key} is held already, as ${hold.id}`, {
      hint: `footman hold show ${hold.id}`,
    });
  return new FootmanError('conflict', `job ${job.key} ended ${job.result}, and its node has gone with it`, {
    hint: 'run it again with a hold: footman rerun BUILD --hold; or keep the next failure: footman autohold add',
  });
}
