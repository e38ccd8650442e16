import {
  activeLeases,
  countQueue,
  findBuildByNumber,
  insertNode,
  jobsInStates,
  liveNodes,
  openRequestRows,
  planNumber,
  queuedJobs,
  type Store,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import { fillOldDatabase } from '#test/old-database';
import type { Context } from './context.ts';
import { addBuild, nodeRow } from './rows.ts';

const MINUTE = 60_000;
/** When the first of its builds was made. */
const T = 1_760_000_000_000;

export function describeUpgrade(context: Context): void {
  describe('a database of migration 2', () => {
    test('keeps its builds and what is under way, and goes on counting', async () => {
      const { db } = await openOld(context);
      expect(await findBuildByNumber(db, 3)).toMatchObject({ pipeline: 'under way', state: 'running' });
      expect((await jobsInStates(db, ['blocked', 'leased'])).map(({ key }) => key)).toEqual(['then', 'busy']);
      expect(await activeLeases(db)).toMatchObject([{ id: 'lease-busy', epoch: 1 }]);
      expect((await addBuild(db)).number).toBe(5);
      expect(await planNumber(db)).toBe(0);
    });

    test('has its queued jobs ranked as new ones are', async () => {
      const { db } = await openOld(context);
      expect((await queuedJobs(db, 9)).map(({ priority, rank }) => [priority, rank])).toEqual([
        // Ten points are an hour now, not ten minutes.
        [60, T + MINUTE - 360 * MINUTE],
        [50, T - 300 * MINUTE],
        [50, T + 3 * MINUTE - 300 * MINUTE],
      ]);
    });

    test('has a code for each no that its open requests heard, and the words unchanged', async () => {
      const { db } = await openOld(context);
      const requests = await openRequestRows(db);
      const heard = requests.map(({ id, declines }) => [
        id,
        declines.map(({ code, final, reason }) => [code, final, reason]),
      ]);
      expect(Object.fromEntries(heard)).toEqual({
        'request-first': [
          ['refused', true, 'no such image "debian:1"'],
          ['quota', false, 'cloud lab is at its quota, 4 of 4 nodes'],
          ['failed', false, 'the engine said: {"final":true,"at":1}'],
        ],
        'request-hotfix': [],
        'request-big': [['quota', false, 'template small is at its quota, 2 of 2 nodes']],
      });
      expect(requests.map(({ cloud, template }) => cloud ?? template)).toEqual([null, null, null]);
      const counts = (await countQueue(db)).map(({ reason, count }) => `${count} ${reason}`);
      // A node was planned for the first one.
      expect(counts.toSorted()).toEqual(['1 new', '1 quota', '1 starting']);
    });

    test('has its nodes in their states, with nothing known that was not written down', async () => {
      const { db } = await openOld(context);
      const nodes = await liveNodes(db);
      expect(nodes.map(({ state }) => state).toSorted()).toEqual(LIVE_STATES);
      for (const node of nodes)
        expect(node).toMatchObject({
          template_digest: '',
          image: null,
          host: null,
          failure: null,
          hedge: 0,
          cordoned: null,
          stopped_at: null,
          checked_at: null,
        });
      await insertNode(db, nodeRow());
      expect(await liveNodes(db)).toHaveLength(LIVE_STATES.length + 1);
    });
  });
}

const LIVE_STATES = ['checking', 'connecting', 'deleting', 'launching', 'leased', 'planned', 'ready'];

async function openOld(context: Context): Promise<Store> {
  const settings = await context.emptyDatabase();
  await fillOldDatabase(settings, 2);
  return context.open(settings);
}
