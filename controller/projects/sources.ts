import { createReadStream } from 'node:fs';
import type { Blobs } from '#controller/blobs';
import type { BuildSource, Project } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { createBundle } from './bundle.ts';

/** Where a source lies in the object storage. Its content names it: a client can't name anybody else's object. */
export function sourceKey(sha256: string): string {
  return `sources/${sha256}`;
}

export interface Sources {
  /** The project's state at a commit as what a build checks out; stored once, however many builds are of it. */
  of(project: Project, commit: string, ref: string | null, signal: AbortSignal): Promise<BuildSource>;
}

interface Deps {
  blobs: Blobs;
  folder: string;
  mirrorOf(project: Project): string;
}

type Stored = Omit<BuildSource, 'ref'>;

const MAX_BYTES = 2 * 1024 ** 3;
/** Commits whose bundle is known: those of the last builds are the ones that come again. */
const MAX_REMEMBERED = 1000;

export function createSources({ blobs, folder, mirrorOf }: Deps): Sources {
  const known = new Map<string, Stored>();

  return {
    async of(project, commit, ref, signal) {
      const key = `${project.id} ${commit} ${project.depth}`;
      const before = known.get(key);
      if (before !== undefined && (await blobs.head(before.blob, signal)) !== undefined)
        return { ...before, ref };
      const stored = await store(project, commit, signal);
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(key, stored);
      return { ...stored, ref };
    },
  };

  async function store(project: Project, commit: string, signal: AbortSignal): Promise<Stored> {
    await using bundle = await createBundle(mirrorOf(project), commit, project.depth, folder, signal);
    const { file, bytes, sha256 } = bundle;
    if (bytes > MAX_BYTES) throw tooLarge(bytes);
    const blob = sourceKey(sha256);
    if ((await blobs.head(blob, signal)) === undefined)
      await blobs.put(blob, createReadStream(file), { bytes, sha256 }, signal);
    return { blob, bytes, sha256, commit };
  }
}

function tooLarge(bytes: number): FootmanError {
  const message = `the repository's history is ${formatBytes(bytes)}; a build gets at most ${formatBytes(MAX_BYTES)}`;
  return new FootmanError('too-large', message, { hint: 'give the project a depth' });
}
