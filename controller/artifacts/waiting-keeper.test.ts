import { expect, test } from 'vitest';
import { createLogger } from '#controller/logger';
import { findUpload, putUpload } from '#controller/store';
import { DAY_MS, never, openRetention } from '../retention/test-support.ts';
import { createWaitingKeeper } from './index.ts';

test('an upload that was begun in another storage does not keep those of this one', async () => {
  await using fixture = await openRetention();
  const { store, blobs, clock } = fixture;
  const begun = await blobs.uploads.begin('caches/b/x', { bytes: 2, partBytes: 1 }, never);
  for (const [artifact_id, upload] of [
    ['a', '2~EbGXyz.of-a-bucket'],
    ['b', begun],
  ] as const) {
    const blob = `caches/${artifact_id}/x`;
    await putUpload(store.db, {
      artifact_id,
      path: 'x',
      blob,
      upload,
      bytes: 2,
      part_bytes: 1,
      created_at: 0,
    });
  }
  clock.pass(2 * DAY_MS);
  const keeper = createWaitingKeeper({ ...fixture, logger: createLogger('silent') });
  expect(await keeper.run(never)).toBeNull();
  for (const id of ['a', 'b']) expect(await findUpload(store.db, id, 'x')).toBeUndefined();
  expect(await Array.fromAsync(blobs.uploads.list('', never))).toEqual([]);
});
