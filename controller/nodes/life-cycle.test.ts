import { afterEach, beforeEach, expect, test } from 'vitest';
import { findNode } from '#controller/store';
import { failNode, moveNode, retireUnleased } from './life-cycle.ts';
import { openPlace, putNode, type Place } from './test-support.ts';

let place: Place;

beforeEach(async () => {
  place = await openPlace();
});

afterEach(() => place.store.close());

test('a node that a job has got is not taken away by whoever thought that nobody wants it (I1, L2)', async () => {
  const { store, journal } = place;
  const { id } = await putNode(place, { id: 'a', state: 'ready' });
  await journal.commit((tx) => moveNode(tx, id, ['ready'], 'leased'));

  expect(await journal.commit((tx) => retireUnleased(tx, id, 'no job wants it'))).toBeUndefined();
  const mishap = { reason: 'it took too long', failure: 'connect' } as const;
  expect(await journal.commit((tx) => failNode(tx, id, mishap))).toBe(false);
  expect(await findNode(store.db, id)).toMatchObject({ state: 'leased', reason: null });
});

test('a node that nobody has got goes, and says why', async () => {
  const { store, journal } = place;
  const { id } = await putNode(place, { id: 'a', state: 'ready' });

  await journal.commit((tx) => retireUnleased(tx, id, 'no job wants it'));
  expect(await findNode(store.db, id)).toMatchObject({ state: 'deleting', reason: 'no job wants it' });
});
