import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import {
  addAutohold,
  addHoldKey,
  endHold,
  extendHold,
  registerKey,
  releaseHold,
  requestHold,
} from '#controller/holds';
import { moveNode, retireNode } from '#controller/nodes';
import { deleteNode } from '#controller/operations';
import {
  findAutohold,
  findHold,
  findNode,
  holdOfNode,
  keysOfHold,
  keysOfUser,
  listAudit,
  listHolds,
  liveHolds,
  lockHold,
  patchHold,
  type Hold,
  type Node,
} from '#controller/store';
import {
  HOUR,
  KEYS,
  openHolds,
  SETTINGS,
  type HoldsFixture,
} from '../../../controller/holds/test-support.ts';
import type { Context } from './context.ts';

const ALICE = { actor: 'alice', isAdmin: false };
const TURNS = Array.from({ length: 10 }, (_, turn) => turn);
const PLAIN = { forMs: null, reason: null, keys: [] };

export function describeHolds(context: Context): void {
  describe('holds at the same moment', () => {
    test('spend a standing rule as often as it says, and not once more', async () => {
      const [here, there] = await twoControllers();
      const request = { project: null, pipeline: 'nightly', job: null, branch: null, standsMs: null };
      for (const turn of TURNS) {
        const count = 1 + (turn % 2);
        const rule = await addAutohold(here.journal, SETTINGS, { ...PLAIN, ...request, count }, ALICE);
        const builds = [await here.submit(), await here.submit(), await here.submit()] as const;
        const ends = await Promise.all(
          [here, there, here].map((one, index) => one.end(builds[index] ?? builds[0], { wish: null })),
        );
        expect(ends.filter(({ hold }) => hold !== undefined)).toHaveLength(count);
        expect(await findAutohold(context.store.db, rule.id)).toMatchObject({ remaining: 0 });
      }
    });

    test('end once, whether somebody releases them or their time is up', async () => {
      const [here, there] = await twoControllers();
      for (const turn of TURNS) {
        const { id, node_id: node } = await admitted(here, turn);
        const expiry = { state: 'expired', outcome: 'expired', actor: 'hold-keeper' } as const;
        const [released, expired] = await Promise.all([
          releaseHold(here.journal, id, ALICE),
          there.journal.commit((tx) => endHold(tx, id, expiry)),
        ]);
        const hold = await findHold(context.store.db, id);
        expect(hold?.state).toBe(expired === undefined ? 'released' : 'expired');
        expect(released.state).toBe(hold?.state);
        expect(await findNode(context.store.db, node)).toMatchObject({ state: 'deleting' });
        const ends = (await listAudit(context.store.db, { subject: id, limit: 10 })).map(
          ({ action }) => action,
        );
        expect(ends).toEqual([`hold.${hold?.state}`]);
      }
    });

    test('last longer where somebody says so before their time is up, or have ended before', async () => {
      const [here, there] = await twoControllers();
      for (const turn of TURNS) {
        const { id, expires_at: end } = await admitted(here, turn);
        const [extension] = await Promise.allSettled([
          extendHold(here.journal, id, 6 * HOUR, ALICE),
          there.journal.commit(async (tx) => {
            const hold = await lockHold(tx.db, id);
            const expiry = { state: 'expired', outcome: 'expired', actor: 'hold-keeper' } as const;
            if (hold?.expires_at === end) await endHold(tx, id, expiry);
          }),
        ]);
        const hold = await findHold(context.store.db, id);
        expect(hold?.state).toBe(extension.status === 'fulfilled' ? 'held' : 'expired');
      }
    });

    test('begin where they were asked for before the job ended, or are refused', async () => {
      const [here, there] = await twoControllers();
      for (const turn of TURNS) {
        const { job, node } = await here.run(await here.submit());
        const [request] = await Promise.allSettled([
          requestHold(
            here.journal,
            SETTINGS,
            { jobId: job.id, ...PLAIN },
            { actor: `user ${turn}`, isAdmin: false },
          ),
          there.journal.commit((tx) => finishJob(tx, job.id, { result: 'success', reason: null })),
        ]);
        const state = (await findNode(context.store.db, node.id))?.state;
        expect(state).toBe(request.status === 'fulfilled' ? 'held' : 'deleting');
      }
    });

    test('have a node that is held, and no node is held without one, whatever somebody does (I6)', async () => {
      const [here, there] = await twoControllers();
      const moves: ((one: HoldsFixture, node: Node, hold: Hold | undefined) => Promise<unknown>)[] = [
        (one, { id }) => one.journal.commit((tx) => retireNode(tx, id)),
        (one, { id }) => deleteNode(one.journal, id, { reason: null, actor: 'root', force: true }),
        (one, { id }) => one.journal.commit((tx) => moveNode(tx, id, ['held'], 'deleting')),
        (one, _, hold) => releaseHold(one.journal, hold?.id ?? '', ALICE),
        (one, _, hold) => extendHold(one.journal, hold?.id ?? '', HOUR, ALICE),
        async (one, _, hold) =>
          addHoldKey(one.journal, hold?.id ?? '', { key: KEYS.bob, login: null }, ALICE),
      ];
      const picks = fc.array(fc.tuple(fc.nat({ max: moves.length - 1 }), fc.boolean()), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.boolean(), picks, async (isWished, isOver, picked) => {
          const build = await here.submit();
          const { job, node } = await here.run(build);
          if (isWished)
            await requestHold(
              here.journal,
              SETTINGS,
              { jobId: job.id, ...PLAIN },
              { ...ALICE, isAdmin: true },
            );
          const ended = there.journal.commit((tx) =>
            finishJob(tx, job.id, { result: 'failure', reason: null }),
          );
          if (isOver) await ended;
          await Promise.allSettled([
            ended,
            ...picked.map(async ([move, isHere]) => {
              const hold = await holdOfNode(context.store.db, node.id);
              await moves[move]?.(isHere ? here : there, node, hold);
            }),
          ]);
          const hold = await holdOfNode(context.store.db, node.id);
          const after = await findNode(context.store.db, node.id);
          expect(after?.state === 'held').toBe(hold?.state === 'held');
          if (hold?.state === 'held') await releaseHold(here.journal, hold.id, ALICE);
        }),
        { numRuns: 40 },
      );
    });

    test('of one profile register a key once', async () => {
      const [here, there] = await twoControllers();
      await Promise.all([here, there].map((one) => registerKey(one.journal, 'alice', KEYS.alice, ALICE)));
      expect(await keysOfUser(context.store.db, 'alice')).toHaveLength(1);
      const hold = await here.held();
      expect(await keysOfHold(context.store.db, hold.id)).toHaveLength(1);
    });

    test('are listed by their owner, newest first, and those that hold apart', async () => {
      const [here] = await twoControllers();
      const [first, second] = [await here.held(), await here.held()];
      await here.held({ wish: { owner: 'bob' } });
      await releaseHold(here.journal, first.id, ALICE);
      const listed = await listHolds(context.store.db, { owner: 'alice', isLive: false, limit: 9 });
      expect(listed.map(({ id }) => id)).toEqual([second.id, first.id]);
      const live = await liveHolds(context.store.db);
      expect(live.map(({ owner }) => owner)).toEqual(['alice', 'bob']);
    });
  });

  async function twoControllers(): Promise<[HoldsFixture, HoldsFixture]> {
    return [await openHolds(context.store), await openHolds(await context.open())];
  }
}

/** As the keeper leaves one. */
async function admitted(fixture: HoldsFixture, turn: number): Promise<Hold> {
  const { id, created_at: begin } = await fixture.held({ wish: { reason: `turn ${turn}` } });
  const times = { expires_at: begin + HOUR, latest_at: begin + 24 * HOUR };
  const hold = await patchHold(fixture.store.db, id, { admitted: 1, ...times });
  if (hold === undefined) throw new Error('the node is held no more');
  return hold;
}
