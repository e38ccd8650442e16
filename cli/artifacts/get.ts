import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactFile } from '#controller/api';
import { mapConcurrently } from '#shared/concurrently';
import type { Client } from '../client/index.ts';
import type { Chosen } from './choose.ts';
import { missingPath } from './missing-path.ts';
import type { TransferProgress } from './progress.ts';
import { receiveFile } from './receive.ts';
import { createTree } from './tree.ts';

/** Where an artifact's files are now. */
export interface Got {
  job: string;
  artifact: string;
  folder: string;
  files: string[];
  /** Links that were left out, since they lead out of their artifact. */
  left: string[];
}

interface Deps {
  client: Pick<Client, 'artifacts'>;
  progress: TransferProgress;
  /** A file is where it belongs. */
  onFile?: (file: string) => Promise<void>;
  signal: AbortSignal;
}

interface Wanted extends Chosen {
  /** Where its files go. */
  folder: string;
  /** Files, and folders with all that is in them; none for everything. */
  paths: readonly string[];
}

/** Files that come at a time. */
const PARALLEL = 8;
/** What has come of files that are not whole yet. */
const PARTS = '.footman-parts';

/** Downloads an artifact's files with their modes, and makes its links. Files that are there already, and whole, are not downloaded again. */
export async function getArtifacts(
  { client, progress, onFile, signal }: Deps,
  { job, artifact, folder, paths }: Wanted,
): Promise<Got> {
  const there = await Array.fromAsync(client.artifacts.files(artifact.id));
  requirePaths(there, paths, artifact.name);
  const all = there.filter((file) => isWanted(file, paths));
  const files = all.filter(({ link }) => link === null);
  progress.add({ files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) });
  const tree = createTree(folder);
  const stopping = new AbortController();
  const during = AbortSignal.any([signal, stopping.signal]);
  const onBytes = (count: number): void => progress.bytes(count);
  const deps = { artifacts: client.artifacts, artifactId: artifact.id, onBytes, signal: during };
  const got = await mapConcurrently(files, PARALLEL, async (file) => {
    try {
      const target = await tree.place(file.path);
      const part = await tree.place(`${PARTS}/${partOf(file)}`);
      await receiveFile(deps, file, { target, part });
      progress.fileDone();
      await onFile?.(target);
      return target;
    } catch (error) {
      stopping.abort(error);
      throw error;
    }
  });
  const left: string[] = [];
  for (const { path, link } of all) {
    if (link === null) continue;
    if (await tree.link(path, link)) got.push(join(folder, path));
    else left.push(`${path} -> ${link}`);
  }
  await rm(join(folder, PARTS), { recursive: true, force: true });
  return { job: job.key, artifact: artifact.name, folder, files: got, left };
}

function isWanted({ path }: ArtifactFile, paths: readonly string[]): boolean {
  if (paths.length === 0) return true;
  return paths.some((wanted) => path === wanted || path.startsWith(`${wanted.replace(/\/$/, '')}/`));
}

function requirePaths(files: readonly ArtifactFile[], paths: readonly string[], name: string): void {
  const missing = paths.find((path) => !files.some((file) => isWanted(file, [path])));
  if (missing === undefined) return;
  const known = files.map(({ path }) => path);
  throw missingPath(`artifact ${name} has no file or folder`, missing, known);
}

/** The same for the same content at the same place: what is left of one attempt is found by the next. */
function partOf({ path, sha256 }: ArtifactFile): string {
  return `${createHash('sha256').update(`${sha256}/${path}`).digest('hex')}.part`;
}
