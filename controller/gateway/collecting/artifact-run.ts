import type { Blobs } from '#controller/blobs';
import { artifactPrefixOf, type Content } from '#controller/artifacts';
import type { Clock } from '#controller/clock';
import type { Store } from '#controller/store';
import { mapConcurrently } from '#shared/concurrently';
import { messageOf } from '#shared/errors';
import { ARCHIVE_PATH, type AgentMessageOf, type ControllerMessageOf } from '#shared/protocol';
import { formatBytes } from '#shared/quantity';
import type { Activity, AgentLink } from '../activity.ts';
import { hasCode } from '../has-code.ts';
import { oneLine } from '../plain-text.ts';
import { findMissing } from './find-missing.ts';
import { createLedger } from './ledger.ts';
import { createPartUploads, LINK_MS, PART_BYTES, type Wanted } from './part-uploads.ts';

/** What the agent stored, checked against the storage; or why it did not: for good, or for now, since the storage is in trouble. */
export type ArtifactReport =
  | { kind: 'stored'; content: Content; note: string | null }
  | { kind: 'failed'; reason: string }
  | { kind: 'again'; reason: string };

export type ArtifactProgress = AgentMessageOf<'artifact.progress'>;

export interface ArtifactRun extends Activity {
  /** Resolves once, when the agent is done, or it is known that it can't be. */
  report: Promise<ArtifactReport>;
}

interface Deps {
  collect: ControllerMessageOf<'artifact.collect'>;
  /** Where an object goes: a file, or the archive of all files, whose path is `ARCHIVE_PATH`. */
  keyOf(file: { path: string; sha256: string }): string;
  store: Store;
  clock: Clock;
  blobs: Blobs;
  link: AgentLink;
  progress?(progress: ArtifactProgress): void;
  signal: AbortSignal;
}

/** Questions to the storage at a time. */
const AT_ONCE = 16;
/** Of the agent's questions that wait for their answer: each of its transfers asks for one thing, and some do so again over another connection. */
const MOST_QUESTIONS = 64;

/**
 * Collects one artifact: the agent names the files that its globs match, gets presigned requests for what is to be stored, uploads straight to
 * the storage, and says when it is done. Only what the storage then really has counts: the agent's word alone does not (I9).
 */
export function createArtifactRun(deps: Deps): ArtifactRun {
  const { collect, keyOf, blobs, link, progress, signal } = deps;
  const { artifact } = collect;
  const prefix = artifactPrefixOf(artifact);
  const report = Promise.withResolvers<ArtifactReport>();
  const ledger = createLedger(collect);
  const parts = createPartUploads({ ...deps, artifact });
  let archive: Wanted | null = null;
  /** What comes is answered in its order. */
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  /** What comes after the end is not taken any more. */
  let isOver = false;
  const over = (): void => void (isOver = true);
  report.promise.then(over, over);

  return {
    report: report.promise,
    resume: () => [],
    attached() {
      // The agent names all files again.
      ledger.clear();
      archive = null;
      link.send(collect);
    },
    log: () => undefined,
    message(message) {
      if (isOver || !('artifact' in message) || message.artifact !== artifact) return;
      if (message.type === 'artifact.files') takeFiles(message);
      if (message.type === 'artifact.archive') takeArchive(message);
      if (message.type === 'artifact.parts') inTurn(() => sendParts(message));
      if (message.type === 'artifact.progress') progress?.(toldIn(message));
      if (message.type === 'artifact.finished') settle(message);
    },
  };

  function inTurn(work: () => Promise<void>): void {
    if (open === MOST_QUESTIONS) return fail('its agent asks more than can be answered');
    open += 1;
    last = last
      .then(work)
      .catch(stumble)
      .finally(() => (open -= 1));
  }

  function stumble(error: unknown): void {
    const reason = messageOf(error);
    if (hasCode(error, 'storage-unavailable') || hasCode(error, 'storage-refused'))
      report.resolve({ kind: 'again', reason });
    else if (hasCode(error, 'too-large')) fail(reason);
    else report.reject(error);
  }

  function fail(reason: string): void {
    report.resolve({ kind: 'failed', reason });
  }

  function takeFiles({ files }: AgentMessageOf<'artifact.files'>): void {
    for (const file of files) {
      const problem = ledger.take(file);
      if (problem !== undefined) return fail(problem);
    }
    if (collect.archive === true) return;
    const wanted = files.flatMap(({ path, bytes, sha256, link: target }) =>
      target === undefined ? [{ path, bytes, sha256, key: keyOf({ path, sha256 }) }] : [],
    );
    inTurn(() => offer(wanted));
  }

  function takeArchive({ bytes, sha256 }: AgentMessageOf<'artifact.archive'>): void {
    if (collect.archive !== true) return;
    // A tar has a few blocks for each file, and zstd adds next to nothing to what it can't compress.
    const most = collect.maxBytes * 1.01 + (ledger.files().length + 1024) * 4096;
    if (bytes > most) return fail(`an archive of more than ${formatBytes(most)}`);
    const wanted = { path: ARCHIVE_PATH, bytes, sha256, key: keyOf({ path: ARCHIVE_PATH, sha256 }) };
    archive = wanted;
    inTurn(() => offer([wanted]));
  }

  async function offer(wanted: readonly Wanted[]): Promise<void> {
    const puts = await mapConcurrently(wanted, AT_ONCE, placeFor);
    link.send({ type: 'artifact.put', artifact, puts: puts.filter((put) => put !== null) });
  }

  async function placeFor(wanted: Wanted) {
    const { path, key, bytes, sha256 } = wanted;
    if (bytes > Math.min(PART_BYTES, blobs.limits.putBytes)) {
      const shape = await parts.open(wanted);
      return shape && { path, parts: { bytes: shape.bytes, count: shape.count }, stored: shape.stored };
    }
    return { path, request: await blobs.presign({ method: 'PUT', key, expiresIn: LINK_MS, bytes, sha256 }) };
  }

  async function sendParts({ path, parts: numbers }: AgentMessageOf<'artifact.parts'>): Promise<void> {
    const puts = await parts.puts(path, numbers);
    if (puts.length > 0) link.send({ type: 'artifact.part-puts', artifact, path, puts });
  }

  function settle({ files: count, problem, again, note }: AgentMessageOf<'artifact.finished'>): void {
    if (problem !== undefined)
      return report.resolve({ kind: again === true ? 'again' : 'failed', reason: oneLine(problem) });
    const files = ledger.files();
    const packed = archive;
    if (count !== files.length) return fail(`${count} files were stored, ${files.length} were named`);
    const clash = ledger.clash();
    if (clash !== undefined) return fail(clash);
    if (collect.archive === true && files.length > 0 && packed === null)
      return fail('its archive was not named');
    const objects =
      collect.archive === true
        ? [packed].filter((object) => object !== null)
        : files.flatMap((file) =>
            file.link === undefined ? [{ path: file.path, bytes: file.bytes, key: keyOf(file) }] : [],
          );
    inTurn(async () => {
      const missing =
        (await firstInPieces(objects)) ?? (await findMissing(objects, { blobs, prefix }, signal));
      if (missing !== undefined) return fail(`${nameOf(missing.path)} did not reach the storage`);
      const content = { files, archive: packed && { bytes: packed.bytes, sha256: packed.sha256 } };
      report.resolve({ kind: 'stored', content, note: note === undefined ? null : oneLine(note) });
    });
  }

  /** The first whose parts are not all there; of those that are, the objects are made. */
  async function firstInPieces<T extends Pick<Wanted, 'path'>>(
    objects: readonly T[],
  ): Promise<T | undefined> {
    const made = await mapConcurrently(objects, AT_ONCE, async ({ path }) => {
      try {
        await parts.complete(path);
        return true;
      } catch (error) {
        if (!hasCode(error, 'request-invalid') && !hasCode(error, 'not-found')) throw error;
        return false;
      }
    });
    return objects.find((_, index) => made[index] !== true);
  }

  function nameOf(path: string): string {
    return collect.archive === true ? 'its archive' : path;
  }
}

/** Why nothing moves stands in the artifact's row while it waits. */
function toldIn(message: ArtifactProgress): ArtifactProgress {
  const { trouble } = message;
  return trouble === undefined ? message : { ...message, trouble: oneLine(trouble) };
}
