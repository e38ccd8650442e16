import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { createLogger } from '#controller/logger';
import { createLogs, type LogId, type Logs } from '#controller/logs';
import { openStore, type Store } from '#controller/store';
import { createLogArchive, createLogArchiver, type LogArchiver } from './index.ts';

export const never: AbortSignal = new AbortController().signal;
/** When all jobs of these tests have ended. */
export const ENDED = 1_000_000;
export const ARCHIVE_AFTER = 60_000;

/** Real logs, a real store and a real storage; time stands still unless the test moves it. */
export interface Context {
  readonly folder: string;
  readonly store: Store;
  readonly logs: Logs;
  readonly blobs: Blobs;
  readonly archiver: LogArchiver;
  now: number;
  /** What the storage was asked for, as `get KEY OFFSET-END`. */
  readonly asked: string[];
  /** What the storage answers in the place of the truth. */
  failure: (request: string) => Error | undefined;
  /** A new life of the controller: nothing is kept but what is in store, storage and files. */
  restart(): Promise<void>;
  /** A finished step of a finished job, and its log. */
  addLog(content: string | Buffer, change?: Partial<Ended>): Promise<LogId>;
  write(id: LogId, content: string | Buffer, how?: { finish: boolean }): Promise<void>;
  text(id: LogId): Promise<string>;
  /** Files of logs on the disk, with their folders. */
  onDisk(): Promise<string[]>;
  /** Keys of all objects. */
  stored(): Promise<string[]>;
}

interface Ended {
  jobState: 'running' | 'finished';
  finish: boolean;
}

export function useArchive(): Context {
  let blobs: Blobs;
  let logs: Logs;
  let archiver: LogArchiver;
  let made = 0;

  const context = {
    folder: '',
    store: undefined as unknown as Store,
    get logs() {
      return logs;
    },
    get blobs() {
      return blobs;
    },
    get archiver() {
      return archiver;
    },
    now: ENDED,
    asked: [] as string[],
    failure: (() => undefined) as Context['failure'],
    async restart() {
      await logs?.close();
      const { store, folder } = context;
      const real = await openFsBlobs({
        folder: join(folder, 'blobs'),
        secret: 'of these tests, and of nobody else',
      });
      blobs = watched(real);
      logs = createLogs({ folder: join(folder, 'logs'), archive: createLogArchive({ store, blobs }) });
      archiver = createLogArchiver({
        store,
        logs,
        blobs,
        logger: createLogger('silent'),
        clock: { now: () => context.now, after: () => () => undefined },
        settings: () => ({ archiveAfter: ARCHIVE_AFTER }),
      });
    },
    async addLog(content: string | Buffer, { jobState = 'finished', finish = true }: Partial<Ended> = {}) {
      made += 1;
      // In their order as text, too.
      const number = String(made).padStart(6, '0');
      const id = { build: `b${number}`, job: `j${number}`, step: `s${number}` };
      await insertEnded(context.store, id, jobState);
      if (content.length > 0) await context.write(id, content, { finish });
      return id;
    },
    async write(id: LogId, content: string | Buffer, { finish } = { finish: true }) {
      // Who knows of no archive also writes what an earlier life has left.
      const plain = createLogs({ folder: join(context.folder, 'logs') });
      const writer = await plain.open(id);
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length; at += 100_000)
        await writer.append(at, ENDED + at / 100, bytes.subarray(at, at + 100_000));
      if (finish) await writer.finish();
      await plain.close();
    },
    async text(id: LogId) {
      const slice = await logs.read(id, { offset: 0 }, never);
      return Buffer.concat(await Array.fromAsync(slice.content)).toString();
    },
    async onDisk() {
      return (await readdir(join(context.folder, 'logs'), { recursive: true })).toSorted();
    },
    async stored() {
      return (await Array.fromAsync(blobs.list('', never))).map(({ key }) => key);
    },
  };

  beforeEach(async () => {
    context.folder = await mkdtemp(join(tmpdir(), 'footman-log-archive-'));
    context.store = await openStore({ kind: 'sqlite', file: ':memory:' });
    context.now = ENDED;
    context.failure = () => undefined;
    await context.restart();
    context.asked.length = 0;
  });

  afterEach(async () => {
    await logs.close();
    await context.store.close();
    await rm(context.folder, { recursive: true });
  });

  return context;

  function watched(real: Blobs): Blobs {
    return {
      ...real,
      put: (...call) => unlessAway(`put ${call[0]}`, () => real.put(...call)),
      get: (key, options, signal) => {
        const { offset = 0, length } = options.range ?? {};
        const range = options.range === undefined ? '' : ` ${offset}+${length}`;
        return unlessAway(`get ${key}${range}`, () => real.get(key, options, signal));
      },
    };
  }

  async function unlessAway<T>(request: string, ask: () => Promise<T>): Promise<T> {
    context.asked.push(request);
    const error = context.failure(request);
    if (error !== undefined) throw error;
    return ask();
  }
}

async function insertEnded({ db }: Store, { build, job, step }: LogId, state: 'running' | 'finished') {
  const times = { started_at: 1, finished_at: ENDED };
  await db
    .insertInto('builds')
    .values({
      id: build,
      number: Number(build.slice(1)),
      pipeline: 'p',
      file: 'f',
      state: 'finished',
      definition: {} as never,
      trigger: { event: 'manual' },
      parameters: {},
      trust: 'trusted',
      env: {},
      created_at: 1,
      ...times,
    })
    .execute();
  await db
    .insertInto('jobs')
    .values({
      id: job,
      build_id: build,
      key: 'k',
      base: 'k',
      name: 'k',
      position: 0,
      state,
      state_since: 1,
      runs_on: '',
      needs: [],
      spec: {} as never,
      attempt: 1,
      superseded: 0,
      priority: 50,
      continue_on_error: 0,
      timeout_ms: 1,
      queue_timeout_ms: 1,
      ...times,
      ...(state === 'running' ? { finished_at: null } : {}),
    })
    .execute();
  await db
    .insertInto('steps')
    .values({
      id: step,
      job_id: job,
      position: 0,
      phase: 'main',
      name: 'n',
      spec: {} as never,
      state: 'finished',
      continue_on_error: 0,
      log_bytes: 0,
      log_lines: 0,
      ...times,
    })
    .execute();
}
