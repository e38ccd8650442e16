import type { Db } from '../db.ts';
import type { UploadRow } from '../schema.ts';

/** Notes an upload down in place of another one for the same path. */
export async function putUpload(db: Db, upload: UploadRow): Promise<void> {
  const { blob, upload: id, bytes, part_bytes, created_at } = upload;
  await db
    .insertInto('uploads')
    .values(upload)
    .onConflict((conflict) =>
      conflict
        .columns(['artifact_id', 'path'])
        .doUpdateSet({ blob, upload: id, bytes, part_bytes, created_at }),
    )
    .execute();
}

export function findUpload(db: Db, artifactId: string, path: string): Promise<UploadRow | undefined> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('artifact_id', '=', artifactId)
    .where('path', '=', path)
    .executeTakeFirst();
}

export async function deleteUpload(
  db: Db,
  { artifact_id: artifactId, path, upload }: Pick<UploadRow, 'artifact_id' | 'path' | 'upload'>,
): Promise<void> {
  await db
    .deleteFrom('uploads')
    .where('artifact_id', '=', artifactId)
    .where('path', '=', path)
    .where('upload', '=', upload)
    .execute();
}

/** Forgets all of an artifact. */
export async function deleteUploads(db: Db, artifactId: string): Promise<void> {
  await db.deleteFrom('uploads').where('artifact_id', '=', artifactId).execute();
}

/**
 * Uploads that nobody wants any more: their artifact has its end, or there is none, as of caches, and they are older than `before`. As many
 * rows are looked at as there are uploads under way.
 */
export function endedUploads(db: Db, before: number, limit: number): Promise<UploadRow[]> {
  return db
    .selectFrom('uploads')
    .leftJoin('artifacts', 'artifacts.id', 'uploads.artifact_id')
    .selectAll('uploads')
    .where((where) =>
      where.or([
        where('artifacts.state', 'not in', ['pending', 'collecting', 'waiting']),
        where.and([where('artifacts.id', 'is', null), where('uploads.created_at', '<', before)]),
      ]),
    )
    .orderBy('uploads.artifact_id')
    .orderBy('uploads.path')
    .limit(limit)
    .execute();
}
