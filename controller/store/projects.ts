import type { Updateable } from 'kysely';
import type { Db } from './db.ts';
import { locksRows } from './dialects/adapter.ts';
import type { Database, NewProject, Project } from './schema.ts';

/** What of a project may change; its id and its name are what everything else holds on to. */
export type ProjectPatch = Omit<Updateable<Database['projects']>, 'id' | 'name' | 'created_at'>;

/** A unique violation (`isUniqueViolation`) where the name is taken. */
export function insertProject(db: Db, project: NewProject): Promise<Project> {
  return db.insertInto('projects').values(project).returningAll().executeTakeFirstOrThrow();
}

export function findProject(db: Db, id: string): Promise<Project | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findProjectByName(db: Db, name: string): Promise<Project | undefined> {
  return db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst();
}

/** By name. There are as many as people have made by hand. */
export function listProjects(db: Db): Promise<Project[]> {
  return db.selectFrom('projects').selectAll().orderBy('name').execute();
}

/** Lets one transaction at a time give the project's jobs nodes; the lock goes with it. On SQLite every transaction is alone. */
export async function lockProject(db: Db, id: string): Promise<void> {
  if (!locksRows(db)) return;
  await db.selectFrom('projects').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

/** The project as it is then, or undefined where there is none. */
export function updateProject(db: Db, id: string, patch: ProjectPatch): Promise<Project | undefined> {
  return db
    .updateTable('projects')
    .set(Object.keys(patch).length === 0 ? { id } : patch)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** With its deliveries, schedules and statuses; builds stay. False where somebody else was first. */
export async function removeProject(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('projects').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0;
}
