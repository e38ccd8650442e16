import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keysOfUser } from '#controller/store';
import { addHoldKey, parsePublicKey, registerKey, removeKey, revokeHoldKey } from './index.ts';
import { ADMIN, ALICE, BOB, firstKey, KEYS, openHolds, type HoldsFixture } from './test-support.ts';

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('the keys of a hold', () => {
  test('are added and revoked, and the audit says by whom', async () => {
    const hold = await fixture.held();
    const key = await firstKey(addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login: 'root' }, ALICE));
    expect(
      await firstKey(addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login: 'root' }, ALICE)),
    ).toEqual(key);
    await revokeHoldKey(fixture.journal, hold.id, key.id, ADMIN);
    await revokeHoldKey(fixture.journal, hold.id, key.id, ALICE);
    const { fingerprint } = parsePublicKey(KEYS.bob);
    expect(await fixture.keyLines(hold)).toEqual([]);
    expect(await fixture.audited(hold.id)).toEqual([
      ['root', 'hold.key-revoked', fingerprint],
      ['alice', 'hold.key-added', fingerprint],
    ]);
  });

  test.each(['-oProxyCommand=x', 'a b', '../root', 'Root', '0root', '', 'a\nb', 'x'.repeat(33), 'root:'])(
    'are for accounts, never for %j',
    async (login) => {
      const hold = await fixture.held();
      const added = async () => addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login }, ALICE);
      await expect(added()).rejects.toMatchObject({ code: 'request-invalid' });
    },
  );

  test('are not those of another hold', async () => {
    const [one, other] = [await fixture.held(), await fixture.held()];
    const key = await firstKey(addHoldKey(fixture.journal, one.id, { key: KEYS.bob, login: null }, ALICE));
    await expect(revokeHoldKey(fixture.journal, other.id, key.id, ALICE)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await fixture.keyLines(one)).toEqual([KEYS.bob]);
  });

  test("go with the key of a profile, where its owner's nodes are held", async () => {
    const { fingerprint } = await registerKey(fixture.journal, 'alice', KEYS.alice, ALICE);
    const [own, other] = [
      await fixture.held(),
      await fixture.held({ wish: { owner: 'bob', keys: ['@alice'] } }),
    ];
    await expect(removeKey(fixture.journal, 'alice', fingerprint, BOB)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await removeKey(fixture.journal, 'alice', fingerprint, ALICE);
    expect(await keysOfUser(fixture.store.db, 'alice')).toEqual([]);
    expect([await fixture.keyLines(own), await fixture.keyLines(other)]).toEqual([[], [KEYS.alice]]);
  });
});
