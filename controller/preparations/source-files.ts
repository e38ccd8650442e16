import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '#controller/blobs';
import { git, openRepository } from '#controller/projects';
import type { BuildSource } from '#controller/store';
import { matcherOf } from '#controller/triggers';
import { createQuestions } from './questions.ts';
import { Unprepared } from './unprepared.ts';

/** What files of a build's source hold. */
export interface SourceFiles {
  /** A digest over the names and the content of all files that the globs match. @throws Unprepared where there is none */
  digestOf(source: BuildSource, globs: readonly string[]): Promise<string>;
}

interface Deps {
  blobs: Blobs;
  /** For repositories that are there as long as they are read. */
  folder: string;
  signal: AbortSignal;
}

const UNPACK_MS = 5 * 60_000;
/** Sources that are unpacked at a time. */
const MOST_AT_ONCE = 2;
const MOST_REMEMBERED = 256;
/** Steps that matching may take: some seconds, which only globs need that were written for that. */
const MAX_STEPS = 50_000_000;

/** Nothing of a source is checked out: git tells what its files hold. */
export function createSourceFiles({ blobs, folder, signal }: Deps): SourceFiles {
  const questions = createQuestions<string>(MOST_AT_ONCE);
  const known = new Map<string, string>();
  let cleared: Promise<unknown> | undefined;

  return {
    async digestOf(source, globs) {
      const about = JSON.stringify([source.sha256, source.commit, globs]);
      const before = known.get(about);
      if (before !== undefined) return before;
      const digest = await questions.ask(about, () => read(source, globs));
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(about, digest);
      return digest;
    },
  };

  async function read(source: BuildSource, globs: readonly string[]): Promise<string> {
    await (cleared ??= clear().catch(forgetIt));
    const place = await mkdtemp(join(folder, 'source-'));
    try {
      const repository = await unpack(source, place);
      return digestOver(await openRepository(repository, signal).files(source.commit, ['']), globs);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  /** The next one tries again. */
  function forgetIt(error: unknown): never {
    cleared = undefined;
    throw error;
  }

  /** What a controller that was killed has left. */
  async function clear(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }

  async function unpack({ blob, commit }: BuildSource, place: string): Promise<string> {
    const bundle = join(place, 'source.bundle');
    const { stream } = await blobs.get(blob, {}, signal);
    await pipeline(stream, createWriteStream(bundle), { signal });
    const repository = join(place, 'repository');
    const format = commit.length === 64 ? 'sha256' : 'sha1';
    await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, repository], {
      signal,
    });
    await git(['bundle', 'unbundle', bundle], { repository, signal, timeoutMs: UNPACK_MS });
    return repository;
  }
}

function digestOver(files: readonly { path: string; object: string }[], globs: readonly string[]): string {
  const isMeant = matcherOf(globs);
  const effort = { left: MAX_STEPS };
  const meant = files.filter(({ path }) => isMeant(path, effort));
  if (effort.left < 0) throw new Unprepared('failure', 'prepare.files takes too long to match');
  if (meant.length === 0)
    throw new Unprepared('failure', `prepare.files (${globs.join(', ')}) matches no file of the source`);
  const content = meant.map(({ path, object }) => [path, object]).toSorted(byPath);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function byPath([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one < other ? -1 : 1;
}
