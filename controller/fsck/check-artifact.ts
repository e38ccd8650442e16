import { manifestKeyOf, manifestOf, sumsKeyOf } from '#controller/artifacts';
import { filesOfArtifact, type Db, type StoredArtifact, type StoredFile } from '#controller/store';
import { finding, type Inspector } from './inspect.ts';
import type { Finding } from './report.ts';

const FILES_PER_PAGE = 1000;

/** Compares an artifact's rows with its manifest, and both with its objects. */
export async function* checkArtifact(
  db: Db,
  inspector: Inspector,
  artifact: StoredArtifact,
): AsyncGenerator<Finding> {
  const of = `artifact ${artifact.name} of ${artifact.build}/${artifact.job}`;
  const files = await filesOf(db, artifact.id);
  if (files.length !== artifact.files)
    yield finding(
      'manifest',
      manifestKeyOf(artifact.id),
      of,
      `${files.length} of ${artifact.files} files have rows`,
    );
  for (const { path, blob, bytes, sha256 } of files) {
    if (blob === '') continue;
    const problem = await inspector.inspect({ key: blob, of: `${path} of ${of}`, bytes, sha256 });
    if (problem !== undefined) yield problem;
  }
  if (isOfOldForm(artifact)) return;
  const archive = yield* checkManifest(inspector, artifact, files, of);
  if (artifact.archive === null) return;
  const whole = { key: artifact.archive, of, bytes: archive?.bytes ?? null, sha256: artifact.archive_sha256 };
  const problem = await inspector.inspect(whole);
  if (problem !== undefined) yield problem;
}

/** Stored before artifacts had manifests: nothing but its files counted. */
function isOfOldForm({ archive, bytes, stored_bytes: stored }: StoredArtifact): boolean {
  return archive === null && stored === bytes;
}

/** What the manifest says of the archive, where there is one. */
async function* checkManifest(
  inspector: Inspector,
  { id, name, archive_sha256: sha256 }: StoredArtifact,
  files: readonly StoredFile[],
  of: string,
): AsyncGenerator<Finding, { bytes: number } | null> {
  const key = manifestKeyOf(id);
  const text = await inspector.read(key);
  if (text === undefined) yield finding('missing', key, of, 'the manifest is not there');
  const archive = sha256 === null ? null : { bytes: archiveBytesIn(text), sha256 };
  const [manifest, sums] = manifestOf(id, name, { files: files.map(asTold), archive });
  if (text !== undefined && !text.equals(manifest.content))
    yield finding('manifest', key, of, 'the manifest says something else than the rows');
  const listed = await inspector.read(sumsKeyOf(id));
  if (listed === undefined) yield finding('missing', sums.key, of, 'the sums are not there');
  else if (text !== undefined && !listed.equals(sums.content))
    yield finding('manifest', sums.key, of, 'the sums say something else than the rows');
  return text === undefined ? null : archive;
}

/** No row has it. */
function archiveBytesIn(manifest: Buffer | undefined): number {
  try {
    const { archive } = JSON.parse(manifest?.toString() ?? '{}') as { archive?: { bytes?: unknown } };
    return Number(archive?.bytes ?? 0);
  } catch {
    return 0;
  }
}

function asTold({ path, bytes, sha256, mode, link, tar_offset: offset }: StoredFile) {
  return { path, bytes, sha256, mode, ...(link !== null && { link }), ...(offset !== null && { offset }) };
}

async function filesOf(db: Db, artifactId: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (;;) {
    const page = await filesOfArtifact(db, artifactId, { limit: FILES_PER_PAGE, after: files.at(-1)?.path });
    files.push(...page);
    if (page.length < FILES_PER_PAGE) return files;
  }
}
