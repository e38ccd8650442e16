import type { Blobs } from '#controller/blobs';
import { filesOfArtifact, type Artifact, type StoredFile, type Store } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { parseReport, type ReportedCase } from './junit/index.ts';

export interface ReportLimits {
  /** Of all reports of a job together. */
  reportBytes: number;
  testCases: number;
}

interface Deps {
  store: Store;
  blobs: Pick<Blobs, 'get'>;
  limits: ReportLimits;
}

const FILES_PER_PAGE = 500;
/** What was wrong with reports is told for so many. */
const MAX_PROBLEMS = 20;

/** There are more tests than may be. */
class TooMany extends Error {}

/**
 * Reads all reports of an artifact, from the first path to the last. Resolves with what was wrong, as sentences; what else they have counts.
 *
 * @throws FootmanError `storage-unavailable`, `storage-refused`: it is to be tried again
 */
export async function loadReports(
  { store, blobs, limits }: Deps,
  artifact: Artifact,
  onCase: (reported: ReportedCase) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const problems: string[] = [];
  let bytes = 0;
  let cases = 0;
  let unread = 0;
  for await (const file of filesOf(artifact.id)) {
    if (file.link !== null) continue;
    bytes += file.bytes;
    if (bytes > limits.reportBytes || cases > limits.testCases) {
      bytes -= file.bytes;
      unread += 1;
      continue;
    }
    const problem = await read(file);
    if (problem !== null) problems.push(`${file.path} ${problem}`);
  }
  if (unread > 0) {
    const most = `${formatBytes(limits.reportBytes)} or ${limits.testCases} tests`;
    problems.push(
      `${unread} report${unread === 1 ? ' was' : 's were'} not read: no more than ${most} of a job`,
    );
  }
  const more = problems.length - MAX_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${more} more`] : problems;

  async function* filesOf(id: string): AsyncGenerator<StoredFile> {
    let after: string | undefined;
    do {
      const page = await filesOfArtifact(store.db, id, { limit: FILES_PER_PAGE, after });
      yield* page;
      after = page.length === FILES_PER_PAGE ? page.at(-1)?.path : undefined;
    } while (after !== undefined);
  }

  async function read(file: StoredFile): Promise<string | null> {
    try {
      const { stream } = await blobs.get(file.blob, {}, signal);
      try {
        return await parseReport(stream, take);
      } finally {
        stream.destroy();
      }
    } catch (error) {
      if (error instanceof TooMany) return `has more than is left of ${limits.testCases} tests`;
      if (error instanceof FootmanError && error.code === 'not-found') return 'is not in the storage';
      throw error;
    }
  }

  function take(reported: ReportedCase): void {
    cases += 1;
    if (cases > limits.testCases) throw new TooMany();
    onCase(reported);
  }
}
