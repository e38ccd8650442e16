import { sql } from 'kysely';
import { inChunks } from '../chunks.ts';
import type { Db } from '../db.ts';
import type { Artifact } from '../schema.ts';

/** Statements that look for the rows of objects; those of builds that are being removed count, for their objects are somebody's business. */

/** Those of the artifacts that are there, by id. */
export async function statesOfArtifacts(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, Pick<Artifact, 'state' | 'archive'>>> {
  const found = new Map<string, Pick<Artifact, 'state' | 'archive'>>();
  await inChunks(ids, async (chunk) => {
    const rows = await db
      .selectFrom('artifacts')
      .select(['id', 'state', 'archive'])
      .where('id', 'in', chunk)
      .execute();
    for (const { id, state, archive } of rows) found.set(id, { state, archive });
  });
  return found;
}

/** Those of the objects that are files of the artifact. */
export async function filesWithBlobs(db: Db, artifactId: string, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  await inChunks(keys, async (chunk) => {
    const rows = await db
      .selectFrom('artifact_files')
      .select('blob')
      .where('artifact_id', '=', artifactId)
      .where('blob', 'in', chunk)
      .execute();
    found.push(...rows.map(({ blob }) => blob));
  });
  return found;
}

/** Those of the objects that are caches, or sources of builds. */
export async function cachesAndSources(db: Db, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  await inChunks(keys, async (chunk) => {
    const caches = await db.selectFrom('caches').select('blob').where('blob', 'in', chunk).execute();
    const sources = await db
      .selectFrom('builds')
      .select('source_blob as blob')
      .distinct()
      .where('source_blob', 'is not', null)
      .where('source_blob', 'in', chunk)
      .execute();
    found.push(...[...caches, ...sources].flatMap(({ blob }) => blob ?? []));
  });
  return found;
}

/** Those of the steps that are there; `isOpen`: whose job has not ended. */
export async function knownSteps(
  db: Db,
  ids: readonly string[],
  { isOpen }: { isOpen: boolean },
): Promise<string[]> {
  const found: string[] = [];
  await inChunks(ids, async (chunk) => {
    let query = db
      .selectFrom('steps')
      .innerJoin('jobs', 'jobs.id', 'steps.job_id')
      .select('steps.id')
      .where('steps.id', 'in', chunk);
    if (isOpen) query = query.where('jobs.state', '<>', sql.lit('finished'));
    found.push(...(await query.execute()).map(({ id }) => id));
  });
  return found;
}

/** Whether somebody still makes the upload of this name, as the storage has it. As many rows are read as there are uploads under way. */
export async function isOpenUpload(db: Db, upload: string): Promise<boolean> {
  const row = await db.selectFrom('uploads').select('upload').where('upload', '=', upload).executeTakeFirst();
  return row !== undefined;
}
