import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import type { Submission } from '#controller/builds';
import { createLogger } from '#controller/logger';
import { createKeyring, createSecrets, type Secrets } from '#controller/secrets';
import { insertArtifacts, newId, putFiles, type Build, type Store } from '#controller/store';
import { openBuilds } from '../builds/test-support.ts';
import { createTestReader, type TestReader } from './index.ts';
import type { ReportLimits } from './load-reports.ts';

/** Builds that leave reports, and who reads them; what the storage does, and time, are in the test's hand. */
export interface TestsFixture extends AsyncDisposable {
  store: Store;
  secrets: Secrets;
  clock: { time: number };
  /** What the storage answers to every reading, instead of the object; and how often it was asked. */
  storage: { problem: Error | undefined; reads: number };
  limits: ReportLimits;
  reader: TestReader;
  submit(pipeline?: string, change?: Partial<Submission>): Promise<Build>;
  /** A complete artifact with these reports, by their paths, of the last attempt at the job; resolves with its id. */
  leave(build: Build, files: Record<string, string | Buffer>, job?: string): Promise<string>;
  /** The same, read. */
  tell(build: Build, cases: string, job?: string): Promise<string>;
}

export const NEVER: AbortSignal = new AbortController().signal;

export const PIPELINE = `
name: ceph
jobs: { unit: { runs-on: linux, steps: [{ run: "true", env: { TOKEN: "\${{ secrets.TOKEN }}" } }] } }`;

export async function openTests(): Promise<TestsFixture> {
  const builds = await openBuilds();
  const { store, clock } = builds;
  const folder = await mkdtemp(join(tmpdir(), 'footman-tests-'));
  const blobs = await openFsBlobs({ folder, secret: 'a secret of these tests, and of nobody else' });
  const storage: TestsFixture['storage'] = { problem: undefined, reads: 0 };
  const limits = { reportBytes: 1024 * 1024, testCases: 5000 };
  const secrets = createSecrets({ store, clock, keyring: createKeyring(join(folder, 'secrets.key')) });
  const reading: Pick<Blobs, 'get'> = {
    get: async (...call) => {
      storage.reads += 1;
      if (storage.problem !== undefined) throw storage.problem;
      return blobs.get(...call);
    },
  };
  const reader = createTestReader({
    store,
    blobs: reading,
    secrets,
    clock,
    logger: createLogger('silent'),
    limits: () => limits,
  });

  return {
    store,
    secrets,
    clock,
    storage,
    limits,
    reader,
    submit: (pipeline = PIPELINE, change = {}) => builds.submit(pipeline, change),
    leave,
    async tell(build, cases, job) {
      return reader.read(await leave(build, { 'r.xml': `<testsuite>${cases}</testsuite>` }, job), NEVER);
    },
    async [Symbol.asyncDispose]() {
      await builds[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };

  async function leave(build: Build, files: Record<string, string | Buffer>, key = 'unit'): Promise<string> {
    const id = newId();
    const job = await builds.job(build, key);
    const rows = await Promise.all(
      Object.entries(files).map(async ([path, text], index) => {
        const blob = `artifacts/${id}/${index}`;
        const { bytes } = await blobs.put(blob, Buffer.from(text), {}, NEVER);
        return { artifact_id: id, path, bytes, sha256: '0'.repeat(64), mode: 0o644, blob };
      }),
    );
    const at = { created_at: clock.time, finished_at: clock.time };
    const counts = { files: rows.length, bytes: 0, position: 0 };
    await insertArtifacts(store.db, [
      { id, job_id: job.id, role: 'junit', name: 'reports', state: 'complete', ...counts, ...at },
    ]);
    await putFiles(store.db, rows);
    return id;
  }
}
