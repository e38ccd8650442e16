import { sql } from 'kysely';
import type { Db } from './db.ts';

/**
 * The build of the row of `jobs`, where it is being removed; for `exists`. It is one look by its id: a whole history may be going at once,
 * when somebody first says for how long builds stay.
 */
export function goingBuild(db: Db) {
  return db
    .selectFrom('builds')
    .select('builds.id')
    .where('builds.id', '=', sql.ref<string>('jobs.build_id'))
    .where('builds.deleting_at', 'is not', null);
}
