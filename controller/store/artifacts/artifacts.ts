import { inChunks } from '../chunks.ts';
import type { Db } from '../db.ts';
import type { Artifact, ArtifactState, NewArtifact, NewStoredFile, StoredFile } from '../schema.ts';
import { patchRow, type Patch } from '../swap-state.ts';
import { goingBuild } from '../going-build.ts';
import { inTransaction } from '../transaction.ts';

/** All or none. */
export function insertArtifacts(db: Db, artifacts: readonly NewArtifact[]): Promise<void> {
  return inTransaction(db, (db) =>
    inChunks(artifacts, (chunk) => db.insertInto('artifacts').values(chunk).execute()),
  );
}

/** In the order of the pipeline; what its tests told comes last. */
export function artifactsOfJob(db: Db, jobId: string): Promise<Artifact[]> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('role')
    .orderBy('position')
    .execute();
}

/** One of a build that is being removed is not found. */
export function findArtifact(db: Db, id: string): Promise<Artifact | undefined> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('jobs')
            .select('jobs.id')
            .whereRef('jobs.id', '=', 'artifacts.job_id')
            .where(({ exists }) => exists(goingBuild(db))),
        ),
      ),
    )
    .executeTakeFirst();
}

/** Notes something down about an artifact, while it is in one of the states; else undefined. */
export function patchArtifact(
  db: Db,
  id: string,
  inStates: readonly ArtifactState[],
  patch: Patch<'artifacts'>,
): Promise<Artifact | undefined> {
  return patchRow(db, 'artifacts', id, inStates, patch);
}

/** A file that is there already is replaced: an agent that lost the answer says everything again. Of two with one path, the last counts. */
export function putFiles(db: Db, files: readonly NewStoredFile[]): Promise<void> {
  const unique = [...new Map(files.map((file) => [`${file.artifact_id}\n${file.path}`, file])).values()];
  return inTransaction(db, (db) =>
    inChunks(unique, (chunk) =>
      db
        .insertInto('artifact_files')
        .values(chunk)
        .onConflict((conflict) =>
          conflict.columns(['artifact_id', 'path']).doUpdateSet((row) => ({
            bytes: row.ref('excluded.bytes'),
            sha256: row.ref('excluded.sha256'),
            mode: row.ref('excluded.mode'),
            blob: row.ref('excluded.blob'),
            link: row.ref('excluded.link'),
            tar_offset: row.ref('excluded.tar_offset'),
          })),
        )
        .execute(),
    ),
  );
}

export interface FilePage {
  limit: number;
  /** The last path of the page before. */
  after?: string | undefined;
}

/** By path, in the order of its UTF-8 bytes. */
export function filesOfArtifact(
  db: Db,
  artifactId: string,
  { limit, after }: FilePage,
): Promise<StoredFile[]> {
  let query = db.selectFrom('artifact_files').selectAll().where('artifact_id', '=', artifactId);
  if (after !== undefined) query = query.where('path', '>', after);
  return query.orderBy('path').limit(limit).execute();
}

/** Those of the paths that are files or links of the artifact, the shortest first. */
export function filesAt(db: Db, artifactId: string, paths: readonly string[]): Promise<StoredFile[]> {
  return db
    .selectFrom('artifact_files')
    .selectAll()
    .where('artifact_id', '=', artifactId)
    .where('path', 'in', paths)
    .orderBy('path')
    .execute();
}
