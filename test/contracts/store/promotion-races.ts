import { describe, expect, test } from 'vitest';
import { createJournal } from '#controller/events';
import { promote, retireVersion } from '#controller/images';
import { findStream, findVersion, type ImageVersion, type Store } from '#controller/store';
import { putCurrent, putVersion } from '#test/image-versions';
import type { Context } from './context.ts';

const CLOCK = { now: () => 1_000_000, after: () => () => undefined };
/** Enough for what can go wrong to go wrong. */
const STREAMS = Array.from({ length: 20 }, (_, turn) => ({ name: `s${turn}`, cloud: 'lab' }));

export function describePromotionRaces(context: Context): void {
  describe('promotions at the same moment', () => {
    test('of two versions of a stream, seen as it was: one is current, and the other one hears of it (I5)', async () => {
      const [here, there] = await twoControllers();
      for (const stream of STREAMS) {
        const { id: before } = await putCurrent(here, stream);
        const versions = [await putVersion(here, stream), await putVersion(here, stream)] as const;
        const outcomes = await Promise.allSettled([
          here.commit((tx) => promote(tx, versions[0].id, 1)),
          there.commit((tx) => promote(tx, versions[1].id, 1)),
        ]);
        const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
        const lost = outcomes.find((outcome) => outcome.status === 'rejected');
        expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
        expect(lost?.reason).toMatchObject({ code: 'conflict' });
        expect(await findStream(context.store.db, stream)).toMatchObject({
          current: versions[won]?.id,
          previous: before,
          generation: 2,
        });
      }
    });

    test('of two versions of a stream, whatever it is: both happen, one after the other (I5)', async () => {
      const [here, there] = await twoControllers();
      for (const stream of STREAMS) {
        const versions = [await putVersion(here, stream), await putVersion(here, stream)] as const;
        await Promise.all([
          here.commit((tx) => promote(tx, versions[0].id)),
          there.commit((tx) => promote(tx, versions[1].id)),
        ]);
        const { current, previous, generation } = (await findStream(context.store.db, stream)) ?? {};
        expect(new Set([current, previous])).toEqual(new Set(versions.map(({ id }) => id)));
        expect(generation).toBe(2);
      }
    });

    test('as somebody removes the version: one of the two happens, and what is current stays (I5)', async () => {
      const [here, there] = await twoControllers();
      for (const stream of STREAMS) {
        const { id: before } = await putCurrent(here, stream);
        const next = await putVersion(here, stream);
        const [promoted, retired] = await Promise.allSettled([
          here.commit((tx) => promote(tx, next.id)),
          there.commit((tx) => retireVersion(tx, next.id, 'enough')),
        ]);
        expect([promoted.status, retired.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        const isPromoted = promoted.status === 'fulfilled';
        expect(await stateOf(next)).toBe(isPromoted ? 'ready' : 'retired');
        expect(await findStream(context.store.db, stream)).toMatchObject({
          current: isPromoted ? next.id : before,
        });
      }
    });
  });

  async function twoControllers() {
    const other = await context.open();
    return [journalOn(context.store), journalOn(other)] as const;
  }

  async function stateOf({ id }: ImageVersion): Promise<string | undefined> {
    return (await findVersion(context.store.db, id))?.state;
  }
}

function journalOn(store: Store) {
  return createJournal({ store, clock: CLOCK });
}
