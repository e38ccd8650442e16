import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putMetaIfAbsent } from './meta.ts';
import { openStore } from './store.ts';

test('a SQLite file, its journal and its folder are for their user alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'footman-sqlite-'));
  const file = join(folder, 'state', 'footman.db');
  const store = await openStore({ kind: 'sqlite', file });
  await putMetaIfAbsent(store.db, 'key', 'value');
  const modes = await Promise.all([file, `${file}-wal`, join(folder, 'state')].map(modeOf));
  expect(modes).toEqual([0o600, 0o600, 0o700]);
  await store.close();
  await rm(folder, { recursive: true });
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
