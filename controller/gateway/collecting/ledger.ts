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

export function createLedger({ maxFiles, maxBytes }: { maxFiles: number; maxBytes: number }): Ledger {
  const files = new Map<string, ArtifactFile>();
  let bytes = 0;

  return {
    take(file) {
      const problem = pathProblem(file.path) ?? ofLink(file);
      if (problem !== undefined) return `${quoted(file.path)} ${problem}`;
      bytes += file.bytes - (files.get(file.path)?.bytes ?? 0);
      files.set(file.path, file);
      if (files.size > maxFiles) return `more than ${maxFiles} files`;
      return bytes > maxBytes ? `more than ${formatBytes(maxBytes)}` : undefined;
    },
    files: () => [...files.values()],
    clash: () => clashOf([...files.keys()]),
    clear() {
      files.clear();
      bytes = 0;
    },
  };
}

function ofLink({ path, bytes, link }: ArtifactFile): string | undefined {
  if (link === undefined) return undefined;
  return bytes === 0 ? linkProblem(path, link) : 'is a link, and has bytes';
}
