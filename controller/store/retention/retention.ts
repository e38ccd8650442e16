import { sql } from 'kysely';
import { inChunks } from '../chunks.ts';
import type { Db } from '../db.ts';
import type { Build, UploadRow } from '../schema.ts';
import { inTransaction } from '../transaction.ts';
import { deleteTestsOfBuild } from '../tests/index.ts';

/** What decides whether a build is kept; without its definition, which may be large. */
export type BuildOutline = Pick<Build, (typeof OUTLINE)[number]>;

const OUTLINE = [
  'id',
  'number',
  'pipeline',
  'project_id',
  'trigger',
  'source',
  'result',
  'created_at',
  'finished_at',
  'pinned_by',
  'pin_reason',
] as const;

/** Builds that have ended, newest first, a page at a time; without those that are being removed. */
export function endedBuilds(
  db: Db,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<BuildOutline[]> {
  let query = db
    .selectFrom('builds')
    .select(OUTLINE)
    .where('state', '=', sql.lit('finished'))
    .where('deleting_at', 'is', null);
  if (before !== undefined) query = query.where('number', '<', before);
  return query.orderBy('number', 'desc').limit(limit).execute();
}

/** What artifacts and archived logs of each of these builds take in the storage; builds that have none there are left out. */
export async function storedBytesOf(db: Db, buildIds: readonly string[]): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  await inChunks(buildIds, async (chunk) => {
    const artifacts = db
      .selectFrom('artifacts')
      .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
      .select(['jobs.build_id', (select) => select.fn.sum<string | number>('stored_bytes').as('bytes')])
      .where('jobs.build_id', 'in', chunk)
      .where('artifacts.state', 'in', ['complete', 'expiring'])
      .groupBy('jobs.build_id');
    const logs = db
      .selectFrom('steps')
      .innerJoin('jobs', 'jobs.id', 'steps.job_id')
      .select(['jobs.build_id', (select) => select.fn.sum<string | number>('archived_bytes').as('bytes')])
      .where('jobs.build_id', 'in', chunk)
      .where('steps.archived_bytes', '>', 0)
      .groupBy('jobs.build_id');
    for (const { build_id: id, bytes } of [...(await artifacts.execute()), ...(await logs.execute())])
      sums.set(id, (sums.get(id) ?? 0) + Number(bytes ?? 0));
  });
  return sums;
}

/** False when it is being removed, or gone. */
export async function pinBuild(
  db: Db,
  id: string,
  pin: Pick<Build, 'pinned_by' | 'pinned_at' | 'pin_reason'>,
): Promise<boolean> {
  const result = await db
    .updateTable('builds')
    .set(pin)
    .where('id', '=', id)
    .where('deleting_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** From here on nobody finds the build. False when it has not ended, is pinned, is being removed already, or gone. */
export async function markDeleting(db: Db, id: string, at: number): Promise<boolean> {
  const result = await db
    .updateTable('builds')
    .set({ deleting_at: at })
    .where('id', '=', id)
    .where('state', '=', sql.lit('finished'))
    .where('pinned_by', 'is', null)
    .where('deleting_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export type GoingBuild = Pick<Build, 'id' | 'number' | 'deleting_at'>;

/** Those that began to go first come first. */
export function deletingBuilds(db: Db, limit: number): Promise<GoingBuild[]> {
  return db
    .selectFrom('builds')
    .select(['id', 'number', 'deleting_at'])
    .where('deleting_at', 'is not', null)
    .orderBy('deleting_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** What of a build that is being removed may have objects in the storage, with what names them. */
export async function remainsOf(db: Db, buildId: string): Promise<{ artifacts: string[]; logs: LogName[] }> {
  const artifacts = await db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .select('artifacts.id')
    .where('jobs.build_id', '=', buildId)
    .where('artifacts.state', 'not in', ['empty', 'expired'])
    .orderBy('artifacts.id')
    .execute();
  const logs = await db
    .selectFrom('steps')
    .innerJoin('jobs', 'jobs.id', 'steps.job_id')
    .select(['jobs.build_id as build', 'jobs.id as job', 'steps.id as step'])
    .where('jobs.build_id', '=', buildId)
    .where('steps.archived_bytes', '>', 0)
    .execute();
  return { artifacts: artifacts.map(({ id }) => id), logs };
}

export interface LogName {
  build: string;
  job: string;
  step: string;
}

/**
 * Removes a build that is being removed, with all rows that are its own. Files go before, some at a time: nobody sees them any more, and
 * a transaction is to be short.
 */
export async function deleteBuild(db: Db, id: string): Promise<void> {
  const artifacts = await db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select('artifacts.id')
    .where('builds.id', '=', id)
    .where('builds.deleting_at', 'is not', null)
    .execute();
  for (const artifact of artifacts) await deleteFiles(db, artifact.id);
  await inTransaction(db, async (db) => {
    const ids = artifacts.map((artifact) => artifact.id);
    await inChunks(ids, (chunk) => db.deleteFrom('uploads').where('artifact_id', 'in', chunk).execute());
    await deleteTestsOfBuild(db, id);
    await db.deleteFrom('builds').where('id', '=', id).where('deleting_at', 'is not', null).execute();
  });
}

/** All files of an artifact that nobody sees any more. */
export async function deleteFiles(db: Db, artifactId: string): Promise<void> {
  await db.deleteFrom('artifact_files').where('artifact_id', '=', artifactId).execute();
}

/** What of an artifact began to come in parts, and has neither come nor been given up. */
export function uploadsOfArtifact(db: Db, artifactId: string): Promise<UploadRow[]> {
  return db.selectFrom('uploads').selectAll().where('artifact_id', '=', artifactId).execute();
}
