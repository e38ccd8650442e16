import {
  changeSecretsKey,
  currentSecretsKey,
  deleteSecret,
  firstSecretsKey,
  holdSecretsKey,
  listSecrets,
  newId,
  putSecret,
  resealSecret,
  sealingKeys,
  secretsIn,
  secretsOfOtherKeys,
  type NewSecret,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';

export function describeSecrets(context: Context): void {
  describe('secrets', () => {
    test('one takes the place of another of its scope and name, and keeps its id and age', async () => {
      const { db } = context.store;
      const first = await putSecret(db, secretRow());
      const again = secretRow({
        sealed: 'other',
        key_id: 'k2',
        debug: 'allow',
        created_at: 5,
        updated_at: 5,
      });
      const second = await putSecret(db, again);
      expect(second).toEqual({ ...first, sealed: 'other', key_id: 'k2', debug: 'allow', updated_at: 5 });
      expect(await listSecrets(db)).toEqual([second]);
    });

    test('are found by scopes and names, and listed by them', async () => {
      const { db } = context.store;
      for (const scope of ['project:p', 'controller']) {
        for (const name of ['B', 'A']) await putSecret(db, secretRow({ scope, name }));
      }
      expect((await listSecrets(db)).map(({ scope, name }) => `${scope} ${name}`)).toEqual([
        'controller A',
        'controller B',
        'project:p A',
        'project:p B',
      ]);
      expect(await secretsIn(db, ['project:p', 'project:q'], ['A', 'C'])).toMatchObject([
        { scope: 'project:p', name: 'A' },
      ]);
      expect(await secretsIn(db, ['project:p'], [])).toEqual([]);
      expect(await deleteSecret(db, 'project:p', 'A')).toMatchObject({ name: 'A' });
      expect(await deleteSecret(db, 'project:p', 'A')).toBeUndefined();
    });

    test('are sealed anew a page at a time, but for those that changed meanwhile', async () => {
      const { db } = context.store;
      const rows = [];
      for (const name of ['A', 'B', 'C']) rows.push(await putSecret(db, secretRow({ name })));
      const page = await secretsOfOtherKeys(db, 'k2', { after: '', limit: 2 });
      expect(page).toEqual(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, 2));
      const [one, other] = page;
      if (one === undefined || other === undefined) throw new Error('there are two');
      await putSecret(db, { ...other, sealed: 'set meanwhile' });
      const anew = { key_id: 'k2', sealed: 'anew' };
      expect([await resealSecret(db, one, anew), await resealSecret(db, other, anew)]).toEqual([true, false]);
      expect((await sealingKeys(db)).toSorted()).toEqual(['k1', 'k2']);
      expect(await secretsOfOtherKeys(db, 'k2', { after: other.id, limit: 2 })).toHaveLength(1);
    });

    test('have one current key, which changes only from the one that it was', async () => {
      const { db } = context.store;
      expect(await currentSecretsKey(db)).toBeUndefined();
      expect([await firstSecretsKey(db, 'k1'), await firstSecretsKey(db, 'k2')]).toEqual(['k1', 'k1']);
      expect([await changeSecretsKey(db, 'k0', 'k2'), await changeSecretsKey(db, 'k1', 'k2')]).toEqual([
        false,
        true,
      ]);
      expect([await holdSecretsKey(db, 'k1'), await holdSecretsKey(db, 'k2')]).toEqual([false, true]);
    });

    test('a key that somebody holds is not changed before they are done', async () => {
      const other = await context.open();
      await firstSecretsKey(context.store.db, 'k1');
      const seen: string[] = [];
      const held = Promise.withResolvers<void>();
      const writing = context.store.transaction(async (db) => {
        await holdSecretsKey(db, 'k1');
        held.resolve();
        await putSecret(db, secretRow());
        seen.push('written');
      });
      await held.promise;
      await changeSecretsKey(other.db, 'k1', 'k2');
      seen.push('changed');
      await writing;
      expect(seen).toEqual(['written', 'changed']);
    });
  });
}

function secretRow(change: Partial<NewSecret> = {}): NewSecret {
  const row = { scope: 'controller', name: 'TOKEN', key_id: 'k1', sealed: 'sealed', debug: 'deny' } as const;
  return { id: newId(), ...row, created_at: 1, updated_at: 1, ...change };
}
