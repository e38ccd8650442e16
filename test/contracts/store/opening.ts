import { FootmanError } from '#shared/errors';
import { findBuild, openStore, unfinishedBuilds } from '#controller/store';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild } from './rows.ts';

export function describeOpening(context: Context): void {
  describe('opening', () => {
    test('keeps what was committed', async () => {
      const build = await addBuild(context.store.db);
      await context.store.close();
      const again = await context.open();
      expect(await findBuild(again.db, build.id)).toEqual(build);
    });

    test('makes the tables once when controllers start at the same time', async () => {
      const settings = await context.emptyDatabase();
      const stores = await Promise.all([1, 2, 3, 4].map(() => context.open(settings)));
      await Promise.all(stores.map((store) => addBuild(store.db)));
      for (const store of stores) expect(await unfinishedBuilds(store.db)).toHaveLength(4);
    });

    test('refuses a schema that a newer Footman has broken for it', async () => {
      await pretendNewer(context, 1);
      const opening = context.open();
      await expect(opening).rejects.toBeInstanceOf(FootmanError);
      await expect(opening).rejects.toMatchObject({
        code: 'schema-too-new',
        message: expect.stringContaining('9000 (from-the-future)'),
      });
    });

    test('accepts a newer schema that breaks nothing', async () => {
      await pretendNewer(context, 0);
      const store = await context.open();
      expect(await unfinishedBuilds(store.db)).toEqual([]);
    });

    test('a closed store refuses statements', async () => {
      await context.store.close();
      await expect(unfinishedBuilds(context.store.db)).rejects.toThrow();
    });

    test('says that a database cannot be opened, without its password', async () => {
      const settings =
        context.settings.kind === 'sqlite'
          ? { kind: 'sqlite' as const, file: '/dev/null/footman.db' }
          : { kind: 'postgres' as const, url: 'postgres://footman:geheim@localhost/x?host=/nowhere' };
      const opening = openStore(settings);
      await expect(opening).rejects.toMatchObject({ code: 'host-unfit' });
      await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('geheim') });
    });

    test('is given up when the signal has aborted', async () => {
      await expect(openStore(context.settings, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
        'enough',
      );
    });
  });
}

async function pretendNewer({ store }: Context, breaking: number): Promise<void> {
  await sql`insert into migrations (number, name, breaking, applied_at) values (9000, 'from-the-future', ${breaking}, 1)`.execute(
    store.db,
  );
}
