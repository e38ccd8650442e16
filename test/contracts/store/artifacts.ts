import {
  artifactsOfJob,
  filesOfArtifact,
  findArtifact,
  insertArtifacts,
  putFiles,
  type NewStoredFile,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addJob, artifactRow } from './rows.ts';

export function describeArtifacts(context: Context): void {
  describe('artifacts', () => {
    test('come in the order of the pipeline', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const rows = [1, 0].map((position) => artifactRow(job, { position, name: `${position}` }));
      await insertArtifacts(db, rows);
      expect((await artifactsOfJob(db, job)).map((artifact) => artifact.name)).toEqual(['0', '1']);
      expect(await findArtifact(db, rows[0]?.id ?? '')).toMatchObject({ name: '1', state: 'pending' });
    });

    test('list their files by path in byte order, page by page', async () => {
      const { db } = context.store;
      const artifact = artifactRow(await addJob(db));
      await insertArtifacts(db, [artifact]);
      const paths = ['B', 'a', 'a/b', 'a.b', 'ä', 'Z/1'];
      await putFiles(
        db,
        paths.map((path) => file(artifact.id, path, 1)),
      );
      const page = async (after?: string) =>
        (await filesOfArtifact(db, artifact.id, { limit: 4, after })).map((each) => each.path);
      expect(await page()).toEqual(['B', 'Z/1', 'a', 'a.b']);
      expect(await page('a.b')).toEqual(['a/b', 'ä']);
    });

    test('take a file again when it is told again, the last of two in one message', async () => {
      const { db } = context.store;
      const artifact = artifactRow(await addJob(db));
      await insertArtifacts(db, [artifact]);
      await putFiles(db, [file(artifact.id, 'a', 1), file(artifact.id, 'b', 1)]);
      await putFiles(db, [file(artifact.id, 'a', 2), file(artifact.id, 'a', 3)]);
      expect(await filesOfArtifact(db, artifact.id, { limit: 9 })).toEqual([
        file(artifact.id, 'a', 3),
        file(artifact.id, 'b', 1),
      ]);
    });
  });
}

function file(artifactId: string, path: string, bytes: number): NewStoredFile {
  return { artifact_id: artifactId, path, bytes, sha256: '0'.repeat(64), mode: 0o644, blob: 'blobs/1' };
}
