import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Change } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Secrets } from '#controller/secrets';
import { findArtifact, findTestReport, unreadReports, type Store } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { ReportLimits } from './load-reports.ts';
import { readArtifact } from './read-artifact.ts';
import { sentenceOf } from './report-row.ts';

/** Reads reports of tests out of the storage into the store. */
export interface TestReader {
  /**
   * Reads the reports of a complete artifact, unless that was done, and resolves with what they say: `142 tests: 139 passed, 2 failed (1 new),
   * 1 skipped`. Reports that can't be read are told of in the same sentence; they are nobody's failure.
   *
   * @throws FootmanError `storage-unavailable`, `storage-refused`, `secret-unreadable`: it is tried again later, by itself; `not-found` where
   * there is no such artifact, or none of reports that is complete
   */
  read(artifactId: string, signal: AbortSignal): Promise<string>;
  /** Reads what nobody has read yet. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

export interface ReaderDeps {
  store: Store;
  blobs: Pick<Blobs, 'get'>;
  secrets: Pick<Secrets, 'resolve'>;
  clock: Clock;
  logger: Logger;
  /** As they are when a job's reports are read. */
  limits: () => ReportLimits;
}

/** Artifacts that one run reads. */
const AT_A_TIME = 20;
const RETRY_MS = 30_000;

export function createTestReader(deps: ReaderDeps): TestReader {
  const { store, clock, logger } = deps;
  /** Who comes while an artifact is read gets the same answer. */
  const underWay = new Map<string, Promise<string>>();
  /** Those that could not be read, until when they wait. */
  const waiting = new Map<string, number>();

  return {
    read,
    async run(signal) {
      const unread = await unreadReports(store.db, AT_A_TIME + waiting.size);
      const now = clock.now();
      forgetOthers(unread.map(({ id }) => id));
      const due = unread.filter(({ id }) => (waiting.get(id) ?? 0) <= now).slice(0, AT_A_TIME);
      for (const { id } of due) await readInTurn(id, signal);
      if (due.length === AT_A_TIME) return now;
      return waiting.size === 0 ? null : Math.min(...waiting.values());
    },
    concerns: (changes) => changes.some(({ kind, data }) => kind === 'artifact' && data.state === 'complete'),
  };

  async function read(id: string, signal: AbortSignal): Promise<string> {
    const other = underWay.get(id);
    if (other !== undefined) {
      // Whose signal may abort without ours: then it is our turn.
      const answer = await other.catch(() => undefined);
      if (answer !== undefined) return answer;
      signal.throwIfAborted();
      return read(id, signal);
    }
    const reading = readNow(id, signal).finally(() => underWay.delete(id));
    underWay.set(id, reading);
    return reading;
  }

  async function readNow(id: string, signal: AbortSignal): Promise<string> {
    const artifact = await findArtifact(store.db, id);
    if (artifact?.role !== 'junit' || artifact.state !== 'complete') {
      throw new FootmanError('not-found', `there are no reports of tests in artifact ${id}`);
    }
    const known = artifact.read_at === null ? undefined : await findTestReport(store.db, id);
    return sentenceOf(known ?? (await readArtifact(deps, artifact, signal)));
  }

  /** One that can't be read now does not keep the others waiting. */
  async function readInTurn(id: string, signal: AbortSignal): Promise<void> {
    try {
      await read(id, signal);
      waiting.delete(id);
    } catch (error) {
      signal.throwIfAborted();
      waiting.set(id, clock.now() + RETRY_MS);
      logger.warn(
        { err: error, artifact: id, retryMs: RETRY_MS },
        'reports of tests were not read; again later',
      );
    }
  }

  function forgetOthers(unread: readonly string[]): void {
    for (const id of waiting.keys()) if (!unread.includes(id)) waiting.delete(id);
  }
}
