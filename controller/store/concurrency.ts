import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Build, Job } from './schema.ts';

/** Lets one transaction at a time decide who of the group may run; the lock goes with it. */
export async function lockGroup(db: Db, name: string, at: number): Promise<void> {
  await db
    .insertInto('concurrency_groups')
    .values({ name, touched_at: at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ touched_at: at }))
    .execute();
}

export type GroupedBuild = Pick<
  Build,
  'id' | 'number' | 'admitted_at' | 'concurrency_limit' | 'cancel_requested_at'
>;

/** Unfinished builds of the group, the oldest first. */
export function buildsInGroup(db: Db, group: string): Promise<GroupedBuild[]> {
  return db
    .selectFrom('builds')
    .select(['id', 'number', 'admitted_at', 'concurrency_limit', 'cancel_requested_at'])
    .where('concurrency_group', '=', group)
    .where('concurrency_group', 'is not', null)
    .where('state', '<>', sql.lit('finished'))
    .orderBy('number')
    .execute();
}

export type GroupedJob = Pick<Job, 'id' | 'build_id' | 'key' | 'state' | 'concurrency_limit'> & {
  number: number;
};

/** Unfinished jobs of the group, those of the oldest build first; `blocked` ones wait for a place. */
export function jobsInGroup(db: Db, group: string): Promise<GroupedJob[]> {
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['jobs.id', 'jobs.build_id', 'jobs.key', 'jobs.state', 'jobs.concurrency_limit', 'builds.number'])
    .where('jobs.concurrency_group', '=', group)
    .where('jobs.concurrency_group', 'is not', null)
    .where('jobs.state', '<>', sql.lit('finished'))
    .orderBy('builds.number')
    .orderBy('jobs.position')
    .execute();
}

/** Groups in which a build waits for its place. */
export function waitingGroups(db: Db): Promise<{ concurrency_group: string }[]> {
  return db
    .selectFrom('builds')
    .select('concurrency_group')
    .distinct()
    .where('concurrency_group', 'is not', null)
    .where('state', '<>', sql.lit('finished'))
    .where('admitted_at', 'is', null)
    .$narrowType<{ concurrency_group: string }>()
    .execute();
}
