import {
  listStreams,
  liveVersions,
  type Db,
  type ImageStream,
  type ImageVersion,
  type StreamId,
} from '#controller/store';
import { formatBytes, formatDuration } from '#shared/quantity';
import { isPointedAt, versionsInUse } from './in-use.ts';

/** A version that is to go. */
export interface Removal {
  version: ImageVersion;
  /** Why, as a sentence without its end. */
  reason: string;
}

export interface RetentionSettings {
  /** Most bytes of all prepared images together; null where there is no such limit. */
  preparedBytes: number | null;
  /** How long machines stay that were held, in milliseconds since they were captured. */
  heldMs: number;
}

/** A prepared image that a job has just taken, or that was just made for one, stays, however little room there is. */
const SPARED_MS = 10 * 60_000;

/**
 * Which versions would go now. Changes nothing; whoever acts on it asks again behind the stream's lock. What is in use stays, whatever else
 * speaks against it.
 *
 * - what failed goes;
 * - of a named stream, the newest `keep` good ones stay, beside the current and the previous one; a bad one goes when a good one came after it;
 * - a machine that was held goes when it is too old;
 * - of a prepared image, only the current one stays, until it is too old for anybody;
 * - of all prepared images, the least recently used ones go until the rest fits.
 */
export async function planRemovals(
  db: Db,
  now: number,
  { preparedBytes, heldMs }: RetentionSettings,
): Promise<Removal[]> {
  const versions = await liveVersions(db);
  if (versions.length === 0) return [];
  const uses = await versionsInUse(db);
  const ready = Map.groupBy(
    versions.filter(({ state }) => state === 'ready'),
    ({ stream, cloud }) => keyOf({ name: stream, cloud }),
  );
  const streams = (await listStreams(db)).map((stream) => ({
    stream,
    ready: ready.get(keyOf(stream)) ?? [],
  }));
  const removals = [
    ...versions.filter(({ state }) => state === 'failed').map(failed),
    ...streams.flatMap((line) => {
      if (line.stream.kind === 'held') return tooOld(line, now, heldMs);
      return line.stream.kind === 'named' ? beyondKeep(line) : outlived(line, now);
    }),
  ].filter(isFree);
  if (preparedBytes === null) return removals;
  const going = new Set(removals.map(({ version }) => version.id));
  return [...removals, ...leastUsed(streams, going, preparedBytes, now)];

  function isFree({ version }: Removal): boolean {
    return !uses.has(version.id);
  }

  /** Those that stay because they are in use take room all the same. */
  function leastUsed(
    all: readonly Line[],
    already: ReadonlySet<string>,
    limit: number,
    at: number,
  ): Removal[] {
    const staying = all
      .filter(({ stream }) => stream.kind === 'prepared')
      .flatMap(({ stream, ready: ofStream }) =>
        ofStream.map((version) => ({ version, usedAt: usedAt(stream, version) })),
      )
      .filter(({ version }) => !already.has(version.id));
    let excess = staying.reduce((sum, { version }) => sum + (version.bytes ?? 0), 0) - limit;
    const reason = `prepared images take more than ${formatBytes(limit)}, and others were used since`;
    return staying
      .filter(({ version, usedAt: last }) => isFree({ version, reason }) && at - last >= SPARED_MS)
      .toSorted((a, b) => a.usedAt - b.usedAt)
      .flatMap(({ version }) => {
        if (excess <= 0) return [];
        excess -= version.bytes ?? 0;
        return [{ version, reason }];
      });
  }
}

/** A stream and its ready versions. */
interface Line {
  stream: ImageStream;
  ready: readonly ImageVersion[];
}

function failed(version: ImageVersion): Removal {
  return { version, reason: version.reason ?? 'it failed' };
}

function beyondKeep({ stream, ready }: Line): Removal[] {
  const good = ready.filter(({ bad }) => bad === 0);
  return ready.flatMap((version) => {
    if (isPointedAt(stream, version)) return [];
    const newer = good.filter(({ number }) => number > version.number).length;
    if (version.bad !== 0) return newer > 0 ? [{ version, reason: version.reason ?? 'it is bad' }] : [];
    return newer >= stream.keep ? [{ version, reason: `there are ${newer} newer ones` }] : [];
  });
}

function outlived({ stream, ready }: Line, now: number): Removal[] {
  const { current, promoted_at: promotedAt, ttl_ms: ttl, max_stale_ms: maxStale } = stream;
  return ready.flatMap((version) => {
    if (version.id !== current)
      return [{ version, reason: current === null ? 'nobody starts from it' : 'another one took its place' }];
    if (ttl === null || promotedAt === null) return [];
    const longest = ttl + (maxStale ?? 0);
    if (now - promotedAt < longest) return [];
    return [{ version, reason: `it is older than ${formatDuration(longest)}` }];
  });
}

function tooOld({ ready }: Line, now: number, heldMs: number): Removal[] {
  return ready
    .filter(({ captured_at: captured, created_at: made }) => now - (captured ?? made) >= heldMs)
    .map((version) => ({ version, reason: `it is older than ${formatDuration(heldMs)}` }));
}

function usedAt({ used_at: used, promoted_at: promoted }: ImageStream, { created_at: made }: ImageVersion) {
  return Math.max(used ?? 0, promoted ?? 0, made);
}

function keyOf({ name, cloud }: StreamId): string {
  return JSON.stringify([name, cloud]);
}
