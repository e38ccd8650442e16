import { promises as fs, rmSync } from 'node:fs';
import type { ArtifactFile, ControllerMessageOf } from '#shared/protocol';
import { findFiles, type FoundFile } from './find-files.ts';
import { nameFile } from './name-file.ts';
import { createSelection } from './selection.ts';
import { writeArchive, type Archive } from './write-archive.ts';

/** What belongs to an artifact: looked for once, however often it is collected. */
export interface Findings {
  files(): Promise<{
    files: FoundFile[];
    /** What was left out, in a sentence. */
    note: string | undefined;
  }>;
  /** The file with its digest. */
  name(file: FoundFile, signal: AbortSignal): Promise<ArtifactFile>;
  readonly archivePath: string;
  /** @param packed called for each file that is in it */
  archive(packed: () => void): Promise<Archive>;
  /** Removes what was written on the disk, and ends what is still looked for or written. */
  remove(): void;
}

interface Deps {
  order: ControllerMessageOf<'artifact.collect'>;
  root: string;
  archivePath: string;
}

/** Links that are named, of those that were left out. */
const NAMED_LINKS = 3;

export function createFindings({ order, root, archivePath }: Deps): Findings {
  const over = new AbortController();
  const names = new Map<string, ArtifactFile>();
  let found: ReturnType<Findings['files']> | undefined;
  let archive: Promise<Archive> | undefined;

  return {
    archivePath,
    files: () => (found ??= find()),
    async name(file, signal) {
      const name = names.get(file.path) ?? (await nameFile(file, root, signal));
      names.set(file.path, name);
      return name;
    },
    archive: (packed) => (archive ??= pack(packed)),
    remove() {
      over.abort();
      // What is written at this moment would leave its file behind.
      void archive?.catch(() => undefined).then(() => rmSync(archivePath, { force: true }));
    },
  };

  async function find(): ReturnType<Findings['files']> {
    const outside: string[] = [];
    const selection = createSelection(order.paths, order.exclude, root);
    const keptLinks = { leftOut: (path: string) => void outside.push(path) };
    const files = await findFiles(root, selection, { ...order, keptLinks }, over.signal);
    return { files, note: outside.length === 0 ? undefined : noteOn(outside.sort()) };
  }

  async function pack(packed: () => void): Promise<Archive> {
    const { files } = await (found ??= find());
    try {
      return await writeArchive(files, { root, to: archivePath, packed }, over.signal);
    } catch (error) {
      // Not to be kept: there may be room on the disk another time.
      archive = undefined;
      await fs.rm(archivePath, { force: true });
      throw error;
    }
  }
}

function noteOn(links: readonly string[]): string {
  const named = links.slice(0, NAMED_LINKS).join(', ');
  const more = links.length > NAMED_LINKS ? ` and ${links.length - NAMED_LINKS} more` : '';
  return `left out, since they lead nowhere or outside: ${named}${more}`;
}
