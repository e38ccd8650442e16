import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveKeyOf, blobKeyOf, manifestOf } from '#controller/artifacts';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { createJournal, type Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { logKeysOf } from '#controller/log-archive';
import { createLogs } from '#controller/logs';
import {
  insertArtifacts,
  insertBuild,
  insertJobs,
  insertSteps,
  listBuilds,
  newId,
  openStore,
  putFiles,
  type Build,
  type NewArtifact,
  type NewBuild,
  type NewJob,
  type NewStep,
  type Store,
} from '#controller/store';
import { createHandClock, type HandClock } from '../clock/test-support.ts';
import type { RetentionSettings } from '#controller/config';
import { createRetentionKeeper, type RetentionKeeper } from './index.ts';

export const DAY_MS = 24 * 60 * 60_000;
export const KEEP_ALL: RetentionSettings = {
  builds: { age: null, atLeast: 0, atMost: null },
  rules: [],
  artifacts: null,
  bytes: null,
  interval: 60_000,
};

/** A store, a storage and a keeper, with builds that ended when the test says so. */
export interface RetentionFixture extends AsyncDisposable {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  clock: HandClock;
  keeper: RetentionKeeper;
  /** What holds from the next pass on. */
  settings: RetentionSettings;
  /** A build that has just ended: a success of `main`, unless told otherwise. */
  build(change?: Partial<NewBuild> & { branch?: string }): Promise<Build>;
  /** The build's job, whose one step has its log in the storage. Returns both ids. */
  job(build: Build, change?: Partial<NewJob>): Promise<{ job: string; step: string }>;
  /** A complete artifact with all its objects. Returns its id. */
  artifact(jobId: string, texts: Record<string, string>, change?: Partial<NewArtifact>): Promise<string>;
  /** A pass, long enough after the last one. */
  pass(): Promise<number | null>;
  /** Numbers of the builds that can be found, oldest first. */
  numbers(): Promise<number[]>;
  /** Keys of all objects. */
  keys(): Promise<string[]>;
}

export const never: AbortSignal = new AbortController().signal;

export async function openRetention(
  wrap: (blobs: Blobs) => Blobs = (same) => same,
): Promise<RetentionFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-retention-'));
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const clock = createHandClock();
  clock.pass(400 * DAY_MS);
  const journal = createJournal({ store, clock });
  const blobs = wrap(
    await openFsBlobs({
      folder: join(folder, 'blobs'),
      secret: 'a secret of these tests, and of nobody else',
    }),
  );
  const logFolder = join(folder, 'logs');
  const logs = createLogs({ folder: logFolder });
  const logger = createLogger('silent');
  const keeper = createRetentionKeeper({
    store,
    journal,
    blobs,
    logs,
    clock,
    logger,
    settings: () => fixture.settings,
  });
  journal.subscribe((changes) => void keeper.concerns(changes));

  const fixture: RetentionFixture = {
    store,
    journal,
    blobs,
    clock,
    keeper,
    settings: KEEP_ALL,
    async build({ branch = 'main', ...change } = {}) {
      const build = await insertBuild(store.db, {
        id: newId(),
        pipeline: 'ceph',
        file: 'ceph.yaml',
        state: 'finished',
        result: 'success',
        definition: { name: 'ceph', jobs: [] } as unknown as NewBuild['definition'],
        trigger: branch === '' ? { event: 'manual' } : { event: 'push', branch },
        parameters: {},
        trust: 'trusted',
        env: {},
        created_at: clock.now(),
        finished_at: clock.now(),
        ...change,
      });
      await journal.commit((tx) =>
        tx.record({ kind: 'build', buildId: build.id, data: { id: build.id, state: build.state } }),
      );
      return build;
    },
    async job(build, change) {
      const job = jobRow(build.id, { finished_at: clock.now(), ...change });
      await insertJobs(store.db, [job]);
      const step = stepRow(job.id);
      const id = { build: build.id, job: job.id, step: step.id };
      const keys = logKeysOf(id);
      await blobs.put(keys.log, Buffer.from('log'), {}, never);
      await blobs.put(keys.index, Buffer.from('idx'), {}, never);
      await mkdir(join(logFolder, build.id, job.id), { recursive: true });
      await writeFile(join(logFolder, build.id, job.id, `${step.id}.log`), 'log');
      await insertSteps(store.db, [step]);
      return { job: job.id, step: step.id };
    },
    async artifact(jobId, texts, change = {}) {
      const id = newId();
      const rows = Object.entries(texts).map(([path, text]) => {
        const sha256 = createHash('sha256').update(text).digest('hex');
        const blob = blobKeyOf(id, { path, sha256 });
        return {
          artifact_id: id,
          path,
          bytes: text.length,
          sha256,
          mode: 0o644,
          blob,
          link: null,
          tar_offset: null,
        };
      });
      for (const { blob, path } of rows) await blobs.put(blob, Buffer.from(texts[path] ?? ''), {}, never);
      const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
      const files = rows.map(({ path, bytes, sha256, mode }) => ({ path, bytes, sha256, mode }));
      const archive = change.archive_sha256 ? { bytes: 2, sha256: change.archive_sha256 } : null;
      const written = manifestOf(id, change.name ?? 'out', { files, archive });
      for (const { key, content } of written) await blobs.put(key, content, {}, never);
      if (archive !== null) await blobs.put(archiveKeyOf(id), Buffer.from('{}'), {}, never);
      await insertArtifacts(store.db, [
        {
          id,
          job_id: jobId,
          position: 0,
          name: 'out',
          state: 'complete',
          files: rows.length,
          bytes,
          stored_bytes: bytes + written.reduce((sum, { content }) => sum + content.length, 0),
          created_at: clock.now(),
          finished_at: clock.now(),
          ...change,
        },
      ]);
      await putFiles(store.db, rows);
      return id;
    },
    async pass() {
      clock.pass(fixture.settings.interval);
      return keeper.run(never);
    },
    async numbers() {
      const builds = await listBuilds(store.db, { limit: 100_000 });
      return builds.map(({ number }) => number).toReversed();
    },
    async keys() {
      const keys: string[] = [];
      for await (const { key } of blobs.list('', never)) keys.push(key);
      return keys;
    },
    async [Symbol.asyncDispose]() {
      await logs.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
  return fixture;
}

function jobRow(buildId: string, change: Partial<NewJob>): NewJob {
  const id = newId();
  return {
    id,
    build_id: buildId,
    key: id,
    base: 'base',
    name: 'base',
    position: 0,
    state: 'finished',
    state_since: 1,
    runs_on: 'linux',
    needs: [],
    spec: {} as unknown as NewJob['spec'],
    attempt: 1,
    superseded: 0,
    priority: 50,
    continue_on_error: 0,
    timeout_ms: 1,
    queue_timeout_ms: 1,
    ...change,
  };
}

function stepRow(jobId: string): NewStep {
  return {
    id: newId(),
    job_id: jobId,
    position: 0,
    name: 'true',
    spec: { run: 'true' } as unknown as NewStep['spec'],
    phase: 'main',
    continue_on_error: 0,
    state: 'finished',
    log_bytes: 3,
    log_lines: 1,
    archived_bytes: 6,
  };
}
