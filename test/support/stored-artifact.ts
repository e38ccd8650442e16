import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import type { Job } from '#controller/api';
import { archiveKeyOf, blobKeyOf, moveArtifact } from '#controller/artifacts';
import { putFiles, type NewArtifact, type NewStoredFile } from '#controller/store';
import { createSeekableWriter } from '#shared/seekable';
import { runningBuild, type HandMadeBuild } from './api-build.ts';
import type { ApiServer } from './api-server.ts';

/** What is stored beside an archive counts, too. */
const MANIFEST_BYTES = 100;

/** A file by its content, or a symbolic link by where it leads. */
export type Stored = { path: string; mode?: number } & ({ content: string | Buffer } | { link: string });

export interface StoredArtifact extends HandMadeBuild {
  id: string;
}

interface Options {
  name?: string;
  archive?: boolean;
  state?: 'complete' | 'collecting';
  /** What the row is to have beside it. */
  set?: Partial<NewArtifact>;
}

/** Stores an artifact of a job of its own, as one archive or file by file. */
export async function storeArtifact(
  api: ApiServer,
  files: readonly Stored[],
  { name = 'out', archive = false, state = 'complete', set = {} }: Options = {},
): Promise<StoredArtifact> {
  const made = await runningBuild(
    api,
    `, artifacts: [{ name: ${name}, paths: ["**"], archive: ${archive} }]`,
  );
  const id = artifactOf(made.job).id;
  const rows = archive ? await storeArchive(api, id, files) : await storeFiles(api, id, files);
  await putFiles(api.store.db, rows.files);
  await api.journal.commit(async (tx) => {
    const owner = { id: made.job.id, build_id: made.build.id };
    await moveArtifact(tx, owner, id, ['pending'], 'collecting');
    if (state === 'collecting') return;
    const bytes = rows.files.reduce((sum, file) => sum + file.bytes, 0);
    const done = { files: rows.files.length, bytes, stored_bytes: bytes, finished_at: tx.at };
    await moveArtifact(tx, owner, id, ['collecting'], 'complete', { ...done, ...rows.set, ...set });
  });
  return { ...made, id };
}

export function artifactOf({ artifacts }: Pick<Job, 'artifacts'>): Job['artifacts'][number] {
  const [artifact] = artifacts;
  if (artifact === undefined) throw new Error('the job has no artifact');
  return artifact;
}

export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

interface Rows {
  files: NewStoredFile[];
  set: Partial<NewArtifact>;
}

async function storeFiles(api: ApiServer, id: string, files: readonly Stored[]): Promise<Rows> {
  const rows: NewStoredFile[] = [];
  for (const file of files) {
    const row = rowOf(id, file);
    if ('content' in file) {
      row.blob = blobKeyOf(id, row);
      await api.blobs.put(row.blob, Buffer.from(file.content), {}, AbortSignal.timeout(5000));
    }
    rows.push(row);
  }
  return { files: rows, set: {} };
}

/** Frames are small, so that files lie across them. */
async function storeArchive(api: ApiServer, id: string, files: readonly Stored[]): Promise<Rows> {
  const pieces: Buffer[] = [];
  const writer = createSeekableWriter((piece) => void pieces.push(piece), { frameBytes: 700, level: 3 });
  const rows: NewStoredFile[] = [];
  const tar = pack();
  for (const file of files) {
    const row = rowOf(id, file);
    if ('link' in file) tar.entry({ name: file.path, type: 'symlink', linkname: file.link });
    else tar.entry({ name: file.path, mode: row.mode }, Buffer.from(file.content));
    rows.push(row);
  }
  tar.finalize();
  const whole = Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>));
  let at = 0;
  for (const [index, file] of files.entries()) {
    const row = rows[index];
    if (row === undefined || !('content' in file)) continue;
    row.tar_offset = whole.indexOf(Buffer.from(file.content), at);
    at = row.tar_offset;
  }
  await writer.write(whole);
  await writer.end();
  const stored = Buffer.concat(pieces);
  const archive = archiveKeyOf(id);
  await api.blobs.put(archive, stored, {}, AbortSignal.timeout(5000));
  return {
    files: rows,
    set: { archive, archive_sha256: sha256Of(stored), stored_bytes: stored.length + MANIFEST_BYTES },
  };
}

function rowOf(id: string, file: Stored): NewStoredFile {
  const isLink = 'link' in file;
  const content = isLink ? '' : file.content;
  return {
    artifact_id: id,
    path: file.path,
    bytes: Buffer.byteLength(content),
    sha256: sha256Of(content),
    mode: file.mode ?? 0o644,
    blob: '',
    link: isLink ? file.link : null,
    tar_offset: null,
  };
}
