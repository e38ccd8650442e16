import {
  artifactsOfJob,
  artifactSources,
  deleteUpload,
  deleteUploads,
  endedUploads,
  filesOfArtifact,
  findArtifact,
  findUpload,
  hasWaitingArtifacts,
  insertArtifacts,
  insertJobs,
  insertLease,
  newId,
  patchArtifact,
  putFiles,
  putUpload,
  waitingArtifacts,
  waitingOnNode,
  type NewStoredFile,
  type UploadRow,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addJob, addNode, artifactRow, jobRow } from './rows.ts';

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
        { ...file(artifact.id, 'a', 3), link: null, tar_offset: null },
        { ...file(artifact.id, 'b', 1), link: null, tar_offset: null },
      ]);
    });

    test('that wait for the storage are known with their node, the first whose time is up first', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const node = await addNode(db, { state: 'uploading' });
      const lease = { id: newId(), job_id: job, epoch: 1, state: 'ended', created_at: 1 } as const;
      await insertLease(db, { lease, nodes: [{ node_id: node, role: 'main' }] });
      const rows = [200, 100, null].map((until, position) =>
        artifactRow(job, { position, state: until === null ? 'complete' : 'waiting', waits_until: until }),
      );
      await insertArtifacts(db, rows);
      const waiting = await waitingOnNode(db, node);
      expect(waiting.map(({ id, node_state: state }) => [id, state])).toEqual([
        [rows[1]?.id, 'uploading'],
        [rows[0]?.id, 'uploading'],
      ]);
      expect(await hasWaitingArtifacts(db, job)).toBe(true);
      expect(await hasWaitingArtifacts(db, await addJob(db))).toBe(false);
      await patchArtifact(db, rows[0]?.id ?? '', ['waiting'], { reason: 'still down' });
      expect((await waitingArtifacts(db)).find(({ id }) => id === rows[0]?.id)?.reason).toBe('still down');
    });

    test('of another build are taken where a job was reused, and those of superseded attempts are not', async () => {
      const { db } = context.store;
      const { id: build } = await addBuild(db);
      const [first, again, origin] = [await addJob(db), newId(), newId()];
      const common = { build_id: build, base: 'a', key: 'a' };
      await insertJobs(db, [
        jobRow(build, { ...common, id: again, reused_from: first }),
        jobRow(build, { ...common, id: origin, key: 'b', superseded: 1, attempt: 1 }),
      ]);
      const rows = [artifactRow(first, { name: 'kept' }), artifactRow(origin, { name: 'old' })];
      await insertArtifacts(db, rows);
      await insertArtifacts(db, [artifactRow(first, { name: 'junit', role: 'junit' })]);
      const [source, ...others] = await artifactSources(db, build, 'a');
      expect(others).toEqual([]);
      expect([source?.id, source?.artifacts.map(({ name }) => name)]).toEqual([again, ['kept']]);
    });

    test('end with their uploads: those of what has its end, and of what is no artifact after a while', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const [open, over] = [
        artifactRow(job, { state: 'waiting' }),
        artifactRow(job, { state: 'failed', position: 1 }),
      ];
      await insertArtifacts(db, [open, over]);
      const cache = newId();
      for (const id of [open.id, over.id, cache]) await putUpload(db, uploadRow(id, 'one'));
      await putUpload(db, uploadRow(open.id, 'two'));
      expect(await findUpload(db, open.id, 'a')).toEqual(uploadRow(open.id, 'two'));
      const ended = async (before: number) =>
        (await endedUploads(db, before, 9)).map(({ artifact_id: id }) => id).toSorted();
      expect(await ended(50)).toEqual([over.id]);
      expect(await ended(101)).toEqual([cache, over.id].toSorted());
      await deleteUpload(db, uploadRow(over.id, 'another'));
      expect(await ended(50)).toEqual([over.id]);
      await deleteUpload(db, uploadRow(over.id, 'one'));
      await deleteUploads(db, cache);
      expect(await ended(101)).toEqual([]);
    });
  });
}

function file(artifactId: string, path: string, bytes: number): NewStoredFile {
  return { artifact_id: artifactId, path, bytes, sha256: '0'.repeat(64), mode: 0o644, blob: 'blobs/1' };
}

function uploadRow(artifactId: string, upload: string): UploadRow {
  const row = { artifact_id: artifactId, path: 'a', blob: 'artifacts/a/b', upload };
  return { ...row, bytes: 20, part_bytes: 16, created_at: 100 };
}
