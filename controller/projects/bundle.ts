import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { askGit, git } from './git.ts';

/** A git bundle in a temporary file. */
export interface Bundle extends AsyncDisposable {
  file: string;
  bytes: number;
  sha256: string;
}

/** What such a folder's name begins with: one that outlived its controller is removed at the next start. */
export const BUNDLE_PREFIX = 'bundle-';

const PACK_MS = 15 * 60_000;

/**
 * Packs a commit of the mirror and its history, or the last `depth` commits of it. A bundle needs a name for its commit: it is given one
 * in a repository of its own, so that nothing is written into the mirror, which others read and fetch into meanwhile.
 */
export async function createBundle(
  mirror: string,
  commit: string,
  depth: number | null,
  folder: string,
  signal: AbortSignal,
): Promise<Bundle> {
  const place = await mkdtemp(join(folder, BUNDLE_PREFIX));
  const options = { repository: join(place, 'repository'), signal, timeoutMs: PACK_MS };
  try {
    const format =
      (await askGit(['rev-parse', '--show-object-format'], { repository: mirror, signal })) ?? 'sha1';
    const init = [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${format}`,
      options.repository,
    ];
    await git(init, { signal });
    if (depth === null) await borrow(mirror, options.repository);
    else await copy(depth);
    await git(['update-ref', 'refs/heads/footman', commit], options);
    await nameEnds();
    const file = join(place, 'source.bundle');
    // One thread: the same history then makes the same bytes as often as git can.
    await git(['-c', 'pack.threads=1', 'bundle', 'create', '--quiet', file, '--all'], options);
    const { size: bytes } = await stat(file);
    return { file, bytes, sha256: await digest(file), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }

  async function copy(commits: number): Promise<void> {
    const args = [
      'fetch',
      '--quiet',
      '--no-tags',
      `--depth=${commits}`,
      '--',
      pathToFileURL(mirror).href,
      commit,
    ];
    await git(args, { ...options, env: { GIT_ALLOW_PROTOCOL: 'file' } });
  }

  /** Names the commits at which the history ends: whoever checks the bundle out has to know (`controller/checkout`). */
  async function nameEnds(): Promise<void> {
    const ends = await readFile(join(options.repository, 'shallow'), 'utf8').catch(() => '');
    for (const end of ends.split('\n').filter((line) => line !== ''))
      await git(['update-ref', `refs/shallow/${end}`, end], options);
  }

  async function dispose(): Promise<void> {
    await rm(place, { recursive: true, force: true });
  }
}

async function borrow(mirror: string, repository: string): Promise<void> {
  await mkdir(join(repository, 'objects', 'info'), { recursive: true });
  await writeFile(join(repository, 'objects', 'info', 'alternates'), `${join(mirror, 'objects')}\n`);
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
