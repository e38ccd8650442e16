import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import { logKeysOf } from '#controller/log-archive';
import { findOpenUploads, findOrphans, requireOwn } from '#controller/orphans';
import {
  storedArtifacts,
  storedCaches,
  storedLogs,
  storedSources,
  type Db,
  type IdPage,
  type Store,
  type StoredLog,
} from '#controller/store';
import { formatBytes } from '#shared/quantity';
import { checkArtifact } from './check-artifact.ts';
import { createInspector, finding, type Inspector } from './inspect.ts';
import type { Finding, FsckLine, Phase } from './report.ts';

/** Compares what rows say with what is in the storage. Changes nothing. */
export interface Fsck {
  /**
   * Says what is wrong as it finds it, how far it is from time to time, and a summary at the end. What comes or goes meanwhile is looked at twice
   * before it is told.
   *
   * @throws FootmanError `conflict` where the storage is another controller's; `storage-unavailable`: no answer is not absence
   */
  check(options: { digests: boolean; signal: AbortSignal }): AsyncGenerator<FsckLine>;
}

interface Deps {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  controllerId: string;
}

type Read<R> = (db: Db, page: IdPage) => Promise<R[]>;

const PAGE = 100;
const PROGRESS_EVERY_MS = 500;

export function createFsck({ store: { db }, blobs, clock, controllerId }: Deps): Fsck {
  return {
    async *check({ digests, signal }) {
      await requireOwn(blobs, controllerId, signal);
      const inspector = createInspector(blobs, { digests, signal });
      const { counts } = inspector;
      let damaged = 0;
      let orphans = 0;
      let toldAt = clock.now();

      for (const [phase, findings] of phases(inspector, signal)) {
        for await (const found of findings) {
          signal.throwIfAborted();
          if (found !== null) {
            yield found;
            if (phase === 'orphans') orphans += 1;
            else damaged += 1;
          }
          if (clock.now() - toldAt < PROGRESS_EVERY_MS) continue;
          toldAt = clock.now();
          yield { kind: 'progress', phase, ...counts };
        }
      }
      yield { kind: 'summary', damaged, orphans, ...counts };
    },
  };

  function phases(inspector: Inspector, signal: AbortSignal): [Phase, AsyncIterable<Finding | null>][] {
    return [
      ['artifacts', each(storedArtifacts, (artifact) => checkArtifact(db, inspector, artifact))],
      ['logs', each(storedLogs, (log) => checkLog(inspector, log))],
      [
        'caches',
        each(storedCaches, ({ key, blob, bytes, sha256 }) =>
          checkOne(inspector, { key: blob, of: `cache ${key}`, bytes, sha256 }),
        ),
      ],
      ['sources', sources(inspector)],
      ['orphans', unused(signal)],
    ];
  }

  /** Null for each row that was looked at. */
  async function* each<R extends { id: string }>(
    read: Read<R>,
    check: (row: R) => AsyncIterable<Finding>,
  ): AsyncGenerator<Finding | null> {
    let after = '';
    for (;;) {
      const page = await read(db, { after, limit: PAGE });
      for (const row of page) {
        for await (const found of check(row)) if (await isThere(read, row)) yield found;
        yield null;
      }
      after = page.at(-1)?.id ?? after;
      if (page.length < PAGE) return;
    }
  }

  /** Whether the row has not gone, or changed, since it was read. */
  async function isThere<R extends { id: string }>(read: Read<R>, row: R): Promise<boolean> {
    const [again] = await read(db, { after: '', limit: 1, only: row.id });
    return JSON.stringify(again) === JSON.stringify(row);
  }

  async function* sources(inspector: Inspector): AsyncGenerator<Finding | null> {
    const seen = new Set<string>();
    yield* each(storedSources, async function* ({ build, blob, bytes, sha256 }) {
      if (seen.has(blob)) return;
      seen.add(blob);
      yield* checkOne(inspector, { key: blob, of: `source of build ${build}`, bytes, sha256 });
    });
  }

  async function* unused(signal: AbortSignal): AsyncGenerator<Finding> {
    for await (const { key, bytes } of findOrphans(db, blobs, signal))
      yield finding('orphan', key, 'nobody', `no row has it; ${formatBytes(bytes)}`);
    for await (const { key } of findOpenUploads(db, blobs, signal))
      yield finding('upload', key, 'nobody', 'an upload that no row has was begun');
  }
}

async function* checkLog(inspector: Inspector, log: StoredLog): AsyncGenerator<Finding> {
  const { id: step, jobId: job, buildId: build } = log;
  const of = `log of ${log.build}/${log.job}/${log.name}`;
  for (const key of Object.values(logKeysOf({ build, job, step })))
    yield* checkOne(inspector, { key, of, bytes: null, sha256: null });
}

async function* checkOne(
  inspector: Inspector,
  expected: Parameters<Inspector['inspect']>[0],
): AsyncGenerator<Finding> {
  const found = await inspector.inspect(expected);
  if (found !== undefined) yield found;
}
