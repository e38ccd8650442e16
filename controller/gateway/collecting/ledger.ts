import { clashOf, linkProblem, pathProblem, quoted } from '#controller/artifacts';
import type { ArtifactFile } from '#shared/protocol';
import { formatBytes } from '#shared/quantity';

/** The files that an agent has named, each once. */
export interface Ledger {
  /** Takes a file, in place of one of the same path. A sentence where the artifact can't have it: it fails. */
  take(file: ArtifactFile): string | undefined;
  files(): ArtifactFile[];
  /** Two of them that can't both be there, as a sentence. */
  clash(): string | undefined;
  clear(): void;
}

interface Limits {
  maxFiles: number;
  maxBytes: number;
  archive?: boolean | undefined;
}

/** How often all that an artifact may have may be named with other content: a file may change while its artifact is collected anew. */
const TIMES = 2;

export function createLedger({ maxFiles, maxBytes, archive = false }: Limits): Ledger {
  const files = new Map<string, ArtifactFile>();
  let bytes = 0;
  /** Each content of each file that was ever named: a place was given for it, and the storage may have it. */
  const contents = new Set<string>();
  let bytesOfContents = 0;

  return {
    take(file) {
      const problem = pathProblem(file.path) ?? ofLink(file) ?? ofPlace(file, archive);
      if (problem !== undefined) return `${quoted(file.path)} ${problem}`;
      bytes += file.bytes - (files.get(file.path)?.bytes ?? 0);
      files.set(file.path, file);
      if (files.size > maxFiles) return `more than ${maxFiles} files`;
      if (bytes > maxBytes) return `more than ${formatBytes(maxBytes)}`;
      return isAlwaysOther(file) ? 'its files change again and again' : undefined;
    },
    files: () => [...files.values()],
    clash: () => clashOf([...files.keys()]),
    clear() {
      files.clear();
      bytes = 0;
    },
  };

  function isAlwaysOther({ path, sha256, bytes: size }: ArtifactFile): boolean {
    const content = `${sha256}/${path}`;
    if (!contents.has(content)) bytesOfContents += size;
    contents.add(content);
    return contents.size > TIMES * maxFiles || bytesOfContents > TIMES * maxBytes;
  }
}

/** Only what is in an archive has a place in it. */
function ofPlace({ link, offset }: ArtifactFile, archive: boolean): string | undefined {
  const isPlaced = offset !== undefined;
  if (isPlaced === (archive && link === undefined)) return undefined;
  return isPlaced ? 'has a place in an archive, and is in none' : 'has no place in its archive';
}

function ofLink({ path, bytes, link }: ArtifactFile): string | undefined {
  if (link === undefined) return undefined;
  return bytes === 0 ? linkProblem(path, link) : 'is a link, and has bytes';
}
