import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findNode } from '#controller/store';
import { addHoldKey, extendHold, registerKey, releaseHold, revokeHoldKey } from './index.ts';
import { ADMIN, ALICE, BOB, firstKey, HOUR, KEYS, openHolds, type HoldsFixture } from './test-support.ts';

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('a hold', () => {
  test("begins with its owner's own keys and those that were named, and no other", async () => {
    await registerKey(fixture.journal, 'alice', KEYS.alice, ALICE);
    await registerKey(fixture.journal, 'bob', KEYS.bob, BOB);
    const hold = await fixture.held({ wish: { keys: ['@bob', KEYS.alice] } });
    expect(await fixture.keyLines(hold)).toEqual([KEYS.alice, KEYS.bob]);
  });

  test('begins whatever keys its pipeline names, and says which ones were none', async () => {
    const hold = await fixture.held({ wish: { origin: 'pipeline', keys: ['nonsense', KEYS.bob] } });
    expect(await fixture.keyLines(hold)).toEqual([KEYS.bob]);
    expect(await fixture.audited(hold.id)).toContainEqual(['alice', 'hold.key-refused', undefined]);
  });

  test('lasts longer when its owner says so, never less, and never longer than the most', async () => {
    const { id, created_at: begin } = await fixture.admit(await fixture.held());
    const extend = async (forMs: number) => (await extendHold(fixture.journal, id, forMs, ALICE)).expires_at;
    expect(await extend(HOUR)).toBe(begin + 4 * HOUR);
    expect(await extend(6 * HOUR)).toBe(begin + 6 * HOUR);
    expect(await extend(100 * HOUR)).toBe(begin + 24 * HOUR);
    await expect(extend(100 * HOUR)).rejects.toMatchObject({ code: 'conflict' });
  });

  test("is its owner's and an administrator's business, and nobody else's", async () => {
    const { id } = await fixture.admit(await fixture.held());
    const key = { key: KEYS.bob, login: null };
    for (const attempt of [
      extendHold(fixture.journal, id, HOUR, BOB),
      releaseHold(fixture.journal, id, BOB),
      addHoldKey(fixture.journal, id, key, BOB),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'forbidden', message: `hold ${id} is alice's` });
    const added = await firstKey(addHoldKey(fixture.journal, id, key, ADMIN));
    await expect(revokeHoldKey(fixture.journal, id, added.id, BOB)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await releaseHold(fixture.journal, id, ADMIN)).toMatchObject({ state: 'released' });
  });

  test('takes its node with it when it is released, once', async () => {
    const { id, node_id: node } = await fixture.held();
    const released = await releaseHold(fixture.journal, id, ALICE);
    expect(released).toMatchObject({ state: 'released', outcome: 'was released by alice' });
    expect(await releaseHold(fixture.journal, id, ADMIN)).toEqual(released);
    expect(await findNode(fixture.store.db, node)).toMatchObject({ state: 'deleting' });
    await expect(extendHold(fixture.journal, id, HOUR, ALICE)).rejects.toMatchObject({ code: 'conflict' });
  });
});
