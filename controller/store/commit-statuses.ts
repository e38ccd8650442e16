import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { CommitState, CommitStatus, NewCommitStatus } from './schema.ts';

/**
 * Notes what a provider is to be told. A newer build takes the place of an older one; of one build, an end is final. What is due already
 * keeps its time: somebody is at it, or the provider asked for a pause.
 */
export async function putCommitStatus(db: Db, status: NewCommitStatus): Promise<void> {
  await db
    .insertInto('commit_statuses')
    .values(status)
    .onConflict((conflict) =>
      conflict
        .columns(['project_id', 'sha', 'context'])
        .doUpdateSet({
          build_id: sql`excluded.build_id`,
          number: sql`excluded.number`,
          wanted: sql`excluded.wanted`,
          description: sql`excluded.description`,
          told: sql`case when commit_statuses.number = excluded.number then commit_statuses.told end`,
          due_at: sql`coalesce(commit_statuses.due_at, excluded.due_at)`,
        })
        .where(
          sql<boolean>`commit_statuses.number < excluded.number
            or commit_statuses.number = excluded.number
              and commit_statuses.wanted in ('pending', 'running')
              and commit_statuses.wanted <> excluded.wanted`,
        ),
    )
    .execute();
}

/** Projects that a provider is to be told something of by now. */
export async function projectsWithDueStatuses(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('commit_statuses')
    .select('project_id')
    .distinct()
    .where('due_at', 'is not', null)
    .where('due_at', '<=', now)
    .execute();
  return rows.map((row) => row.project_id);
}

/** The one that the project has next, due or not. */
export function nextCommitStatus(
  db: Db,
  projectId: string,
): Promise<(CommitStatus & { due_at: number }) | undefined> {
  return db
    .selectFrom('commit_statuses')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('due_at', 'is not', null)
    .$narrowType<{ due_at: number }>()
    .orderBy('due_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** When the next one is due that is not yet; null when none waits. */
export async function nextStatusDue(db: Db, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('commit_statuses')
    .select((select) => select.fn.min('due_at').as('due_at'))
    .where('due_at', 'is not', null)
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.due_at ?? null;
}

/** Takes one on as compare-and-swap: nobody else will before `until`. Returns it as it is then, or undefined for who was late. */
export function claimCommitStatus(
  db: Db,
  { id, due_at: seen }: Pick<CommitStatus, 'id' | 'due_at'>,
  until: number,
): Promise<CommitStatus | undefined> {
  return db
    .updateTable('commit_statuses')
    .set({ due_at: until })
    .where('id', '=', id)
    .where('due_at', '=', seen)
    .returningAll()
    .executeTakeFirst();
}

/** Notes that the provider was told `state` of that build. What has changed meanwhile is due at once. */
export async function markTold(
  db: Db,
  { id, number }: Pick<CommitStatus, 'id' | 'number'>,
  state: CommitState,
  at: number,
): Promise<void> {
  await db
    .updateTable('commit_statuses')
    .set({
      told: sql`case when number = ${number} then ${state} end`,
      failures: 0,
      problem: null,
      due_at: sql`case when number = ${number} and wanted = ${state} then null else cast(${at} as bigint) end`,
    })
    .where('id', '=', id)
    .execute();
}

/** Notes why the provider could not be told, and when to try again; null is never, until there is something new. */
export async function markUntold(
  db: Db,
  { id, number, wanted }: Pick<CommitStatus, 'id' | 'number' | 'wanted'>,
  set: Pick<CommitStatus, 'failures' | 'problem'> & { retry_at: number | null; at: number },
): Promise<void> {
  const { failures, problem, retry_at: retryAt, at } = set;
  const nothingNew = sql`number = ${number} and wanted = ${wanted}`;
  await db
    .updateTable('commit_statuses')
    .set({
      failures,
      problem,
      due_at: retryAt ?? sql`case when ${nothingNew} then null else cast(${at} as bigint) end`,
    })
    .where('id', '=', id)
    .execute();
}

/** What the providers know, or should, of a project's commits; the newest builds first. */
export function statusesOfProject(db: Db, projectId: string, limit: number): Promise<CommitStatus[]> {
  return db
    .selectFrom('commit_statuses')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('number', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/**
 * Builds whose row may say something else than they are: all that run, those that ended since their row was written, and those that ended
 * after `since` without one. As many rows as there are builds under way, and a few.
 */
export async function buildsToReport(db: Db, since: number): Promise<string[]> {
  const reporting = db
    .selectFrom('builds')
    .innerJoin('projects', 'projects.id', 'builds.project_id')
    .leftJoin('commit_statuses', 'commit_statuses.build_id', 'builds.id')
    .select('builds.id')
    .where('builds.source', 'is not', null)
    .where('projects.provider', '<>', 'git')
    .where('projects.token_secret', 'is not', null);
  const unfinished = reporting
    .where('builds.state', '<>', sql.lit('finished'))
    .where((is) =>
      is.or([
        is('commit_statuses.id', 'is', null),
        sql<boolean>`commit_statuses.wanted <> case builds.state when 'queued' then 'pending' else 'running' end`,
      ]),
    );
  const ended = db
    .selectFrom('commit_statuses')
    .innerJoin('builds', 'builds.id', 'commit_statuses.build_id')
    .select('builds.id')
    // Literal, as the partial index has it.
    .where(sql<boolean>`commit_statuses.wanted in ('pending', 'running')`)
    .where('builds.state', '=', sql.lit('finished'));
  const unnoticed = reporting
    .where('builds.project_id', 'is not', null)
    .where('builds.state', '=', sql.lit('finished'))
    .where('builds.finished_at', '>', since)
    .where('commit_statuses.id', 'is', null);
  const rows = await Promise.all([unfinished, ended, unnoticed].map((query) => query.execute()));
  return [...new Set(rows.flat().map((row) => row.id))];
}
