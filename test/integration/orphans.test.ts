import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBlobs, type Blobs } from '#controller/blobs';
import { createFsck } from '#controller/fsck';
import { createLogger } from '#controller/logger';
import { createOrphanSweep } from '#controller/orphans';
import { openStore, type Store } from '#controller/store';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';

const DAY_MS = 24 * 60 * 60_000;
const never = new AbortController().signal;
/** What a listing must turn over a page for. */
const MANY = 25;

optionalService('Swift', swiftMissing())('the sweep of a storage elsewhere', () => {
  let swift: SwiftServer;
  let store: Store;
  const clock = { time: Date.now(), now: () => clock.time, after: () => () => undefined };

  beforeAll(async () => {
    swift = await startSwift();
    store = await openStore({ kind: 'sqlite', file: ':memory:' });
  });

  afterAll(async () => {
    await store.close();
    await swift.stop();
  });

  test.each([
    ['Swift', 'swift'],
    ['S3', 's3'],
  ] as const)('over %s removes what nobody has, and leaves what is not its own', async (_, kind) => {
    // The storage has a clock of its own.
    clock.time = Date.now();
    const settings = (await swift.newContainer())[kind];
    const blobs = await openBlobs(settings, {
      secret: 'a secret of these tests, and of nobody else',
      pageSize: 10,
    });
    const sweep = createOrphanSweep({
      store,
      blobs,
      clock,
      logger: createLogger('silent'),
      controllerId: 'mine',
      intervalMs: 0,
    });
    const orphans = Array.from({ length: MANY }, (_, i) => `artifacts/nobody/${i}`);
    for (const key of [...orphans, 'theirs/file']) await blobs.put(key, Buffer.from('x'), {}, never);
    const shape = { bytes: 6 * 1024 ** 2, partBytes: 5 * 1024 ** 2 };
    await blobs.uploads.begin('artifacts/nobody/in-parts', shape, never);
    await sweep.run(never);
    const fsck = createFsck({ store, blobs, clock, controllerId: 'mine' });
    const kinds: string[] = [];
    for await (const line of fsck.check({ digests: false, signal: never }))
      if (line.kind === 'finding') kinds.push(line.problem);
    expect(kinds.toSorted()).toEqual([...orphans.map(() => 'orphan'), 'upload']);
    clock.time += 2 * DAY_MS;
    await sweep.run(never);
    expect(await keysOf(blobs)).toEqual(['footman.json', 'theirs/file']);
    for await (const upload of blobs.uploads.list('', never)) throw new Error(`${upload.key} is left`);
  });
});

async function keysOf(blobs: Blobs): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of blobs.list('', never)) keys.push(key);
  return keys.toSorted();
}
