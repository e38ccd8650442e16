import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { git, tryGit } from './git.ts';
import type { Snapshot } from './work-tree.ts';

/** A git bundle in a temporary file. */
export interface Bundle extends AsyncDisposable {
  file: string;
  bytes: number;
  sha256: string;
}

/**
 * Packs the snapshot's commit and its history. A bundle needs a name for its commit: it is given one in a repository that borrows the
 * user's objects, so that nothing is written into theirs.
 */
export async function createBundle({ root, commit }: Snapshot): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-source-'));
  try {
    const repository = join(folder, 'repository');
    const file = join(folder, 'source.bundle');
    await borrow(root, repository);
    await git(['update-ref', 'refs/heads/footman', commit], { cwd: repository });
    await nameEnds(repository, commit);
    await git(['bundle', 'create', '--quiet', file, '--all'], { cwd: repository });
    const { size: bytes } = await stat(file);
    return { file, bytes, sha256: await digest(file), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }

  async function dispose(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }
}

async function borrow(root: string, repository: string): Promise<void> {
  const format = (await tryGit(['rev-parse', '--show-object-format'], { cwd: root })) ?? 'sha1';
  await git(['init', '--quiet', '--bare', `--object-format=${format}`, repository], { cwd: root });
  const objects = resolve(root, await git(['rev-parse', '--git-path', 'objects'], { cwd: root }));
  await mkdir(join(repository, 'objects', 'info'), { recursive: true });
  await writeFile(join(repository, 'objects', 'info', 'alternates'), `${objects}\n`);
  const shallow = resolve(root, await git(['rev-parse', '--git-path', 'shallow'], { cwd: root }));
  await copyFile(shallow, join(repository, 'shallow')).catch(unlessMissing);
}

/**
 * Names the commits at which a shallow clone's history ends: the bundle lacks their parents, and whoever checks it out has to know
 * (`controller/checkout`).
 */
async function nameEnds(repository: string, commit: string): Promise<void> {
  const ends = (await readFile(join(repository, 'shallow'), 'utf8').catch(unlessMissing)) ?? '';
  for (const end of ends.split('\n').filter((line) => line !== '')) {
    const reached = await tryGit(['merge-base', '--is-ancestor', end, commit], { cwd: repository });
    if (reached !== undefined) await git(['update-ref', `refs/shallow/${end}`, end], { cwd: repository });
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
