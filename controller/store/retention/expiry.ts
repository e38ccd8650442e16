import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Artifact } from '../schema.ts';

export type DueArtifact = Pick<Artifact, 'id' | 'name' | 'job_id' | 'expires_at'> & { build_id: string };

/**
 * Artifacts whose time is up, the first due first: by what they say themselves, or, with `before`, those that say nothing and ended before
 * that. What a pinned build has stays, as does what a build under way may need: its own, and what it has of others.
 */
export async function artifactsToExpire(
  db: Db,
  { now, before, limit }: { now: number; before: number | null; limit: number },
): Promise<DueArtifact[]> {
  const own = ripe(db)
    .where('artifacts.expires_at', 'is not', null)
    .where('artifacts.expires_at', '<=', now)
    .orderBy('artifacts.expires_at')
    .limit(limit);
  const rows = await own.execute();
  if (before === null || rows.length >= limit) return rows;
  const others = ripe(db)
    .where('artifacts.expires_at', 'is', null)
    .where('artifacts.finished_at', '<=', before)
    .orderBy('artifacts.finished_at')
    .limit(limit - rows.length);
  return [...rows, ...(await others.execute())];
}

function ripe(db: Db) {
  return db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['artifacts.id', 'artifacts.name', 'artifacts.job_id', 'artifacts.expires_at', 'jobs.build_id'])
    .where('artifacts.state', '=', sql.lit('complete'))
    .where('builds.state', '=', sql.lit('finished'))
    .where('builds.pinned_by', 'is', null)
    .where('builds.deleting_at', 'is', null)
    .where((is) => is.or([is('artifacts.role', '=', 'artifact'), is('artifacts.read_at', 'is not', null)]))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('jobs as later')
            .innerJoin('builds as rerun', 'rerun.id', 'later.build_id')
            .select('later.id')
            .whereRef('later.reused_from', '=', 'jobs.id')
            .where('rerun.state', '<>', sql.lit('finished')),
        ),
      ),
    );
}

/** The soonest time at which an artifact is due by what it says itself; null where none does. */
export async function nextExpiry(db: Db, after: number): Promise<number | null> {
  const row = await db
    .selectFrom('artifacts')
    .select('expires_at')
    .where('state', '=', sql.lit('complete'))
    .where('expires_at', 'is not', null)
    .where('expires_at', '>', after)
    .orderBy('expires_at')
    .limit(1)
    .executeTakeFirst();
  return row?.expires_at ?? null;
}

/** The soonest end of an artifact that does not say when it is due; null where there is none. */
export async function oldestUndated(db: Db, after: number): Promise<number | null> {
  const row = await db
    .selectFrom('artifacts')
    .select('finished_at')
    .where('state', '=', sql.lit('complete'))
    .where('expires_at', 'is', null)
    .where('finished_at', '>', after)
    .orderBy('finished_at')
    .limit(1)
    .executeTakeFirst();
  return row?.finished_at ?? null;
}

/** Artifacts whose objects are being removed. */
export function expiringArtifacts(db: Db, limit: number): Promise<DueArtifact[]> {
  return db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .select(['artifacts.id', 'artifacts.name', 'artifacts.job_id', 'artifacts.expires_at', 'jobs.build_id'])
    .where('artifacts.state', '=', sql.lit('expiring'))
    .orderBy('artifacts.id')
    .limit(limit)
    .execute();
}
