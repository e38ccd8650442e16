import { sql } from 'kysely';
import type { Db } from './db.ts';

/** How many are in a state. */
export interface StateCount {
  state: string;
  count: number;
}

/** What has not ended, by state; costs as much as there are such rows. */
export function countUnfinished(db: Db, table: 'builds' | 'jobs'): Promise<StateCount[]> {
  return db
    .selectFrom(table)
    .select('state')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('state', '<>', sql.lit('finished'))
    .groupBy('state')
    .orderBy('state')
    .execute();
}
