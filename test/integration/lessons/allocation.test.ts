import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createSystemClock } from '#controller/clock';
import { createJournal, type Journal } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { failNode, retireUnleased } from '#controller/nodes';
import { deleteNode } from '#controller/operations';
import { plannedNode } from '#controller/provisioner';
import { createQueueStore, createScheduler, type QueueStore, type QueuedJob } from '#controller/scheduler';
import {
  findJob,
  findNode,
  insertNode,
  leaseOfNode,
  newId,
  openStore,
  type Node,
  type NodeState,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { optionalService } from '#test/optional';
import { scriptedTemplate } from '#test/provisioning/scripted';
import { BACKENDS, type Backend } from '../../contracts/store/backend.ts';

/** Whoever wants a node, for a job or gone, finds out by one compare-and-swap on its row (I1). */

const clock = createSystemClock();
const ROUNDS = 60;
const AHEAD = 3;
const MOST_TURNS = 20;

for (const kind of BACKENDS) {
  optionalService(kind.name, kind.missing)(`on ${kind.name}`, () => {
    let backend: Backend;
    let store: Store;
    let rival: Store;
    let journal: Journal;
    let queue: QueueStore;

    beforeAll(async () => {
      backend = await kind.start();
    });
    afterAll(() => backend.stop());

    beforeEach(async () => {
      const settings = await backend.database();
      [store, rival] = [await openStore(settings), await openStore(settings)];
      journal = createJournal({ store, clock });
      queue = createQueueStore({ store, journal });
    });
    afterEach(() => Promise.all([store.close(), rival.close()]));

    describe('L1: single use is decided when a node is given to a job', () => {
      test.each(['leased', 'held', 'failed', 'deleting', 'deleted'] as const)(
        'a node that is %s gets no job, though the scheduler has seen it ready',
        async (state) => {
          const node = await addNode(state);
          const job = await addJob();
          expect(await queue.place(job, { ...node, state: 'ready' })).toBe('node taken');
          expect(await findNode(store.db, node.id)).toMatchObject({ state });
          expect(await findJob(store.db, job.id)).toMatchObject({ state: 'queued' });
        },
      );

      test('two schedulers at once give each node to one job, and each job one node', async () => {
        const nodes = await Promise.all(Array.from({ length: ROUNDS }, () => addNode('ready')));
        for (let index = 0; index < ROUNDS; index += 1) await addJob();
        const never = new AbortController().signal;
        await Promise.all(
          [store, rival].map((each) =>
            createScheduler({
              queue: createQueueStore({ store: each, journal: createJournal({ store: each, clock }) }),
              clock,
              matcher: createLabelMatcher(),
              fleet: createFleet([]),
            }).run(never),
          ),
        );
        const leases = await Promise.all(nodes.map(({ id }) => leaseOfNode(store.db, id)));
        expect(new Set(leases.map((lease) => lease?.job_id)).size).toBe(ROUNDS);
      });
    });

    describe('L2: nobody takes a node away that a job has just got', () => {
      const takers = {
        'a pool that wants it no more': (other: Journal, id: string) =>
          other.commit((tx) => retireUnleased(tx, id, 'no job wants it')),
        'a time limit': (other: Journal, id: string) =>
          other.commit((tx) => failNode(tx, id, { reason: 'lost', failure: 'lost' })),
        'an administrator': (other: Journal, id: string) =>
          deleteNode(other, id, { reason: null, actor: 'ada', force: false }).catch(() => undefined),
      };

      test.each(Object.entries(takers))('%s', async (_, take) => {
        const other = createJournal({ store: rival, clock });
        const wins = { job: 0, taker: 0 };
        for (let round = 0; round < ROUNDS; round += 1) {
          const node = await addNode('ready');
          const job = await addJob();
          await race(
            round,
            () => queue.place(job, node),
            () => take(other, node.id),
          );
          wins[await winnerOf(node, job)] += 1;
        }
        // Both have won, or this would be no race.
        expect(wins.job).toBeGreaterThan(0);
        expect(wins.taker).toBeGreaterThan(0);
      });
    });

    /** Either the job has the node, or it waits on and the node goes: nothing between. */
    async function winnerOf(node: Node, job: QueuedJob): Promise<'job' | 'taker'> {
      const state = (await findNode(store.db, node.id))?.state;
      const lease = await leaseOfNode(store.db, node.id);
      if (state === 'leased') {
        expect(lease).toMatchObject({ job_id: job.id, state: 'active' });
        expect(await findJob(store.db, job.id)).toMatchObject({ state: 'leased' });
        return 'job';
      }
      expect(state).toBe('deleting');
      expect(lease).toBeUndefined();
      expect(await findJob(store.db, job.id)).toMatchObject({ state: 'queued' });
      return 'taker';
    }

    async function addNode(state: NodeState): Promise<Node> {
      const template = scriptedTemplate('one', ['linux']);
      const planned = plannedNode(newId(), { template, request: null }, clock.now());
      const node: Node = { ...planned, state, ready_at: clock.now() };
      await insertNode(store.db, node);
      return node;
    }

    async function addJob(): Promise<QueuedJob> {
      const parsed = parsePipeline('jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }', 'a.yaml', {});
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const submission = sentByHand({ pipeline: parsed.pipeline, file: 'a.yaml' });
      const build = await submitBuild(journal, submission, { queueTimeoutMs: 600_000 });
      const job = (await queue.queued(1_000)).find(({ buildId }) => buildId === build.id);
      if (job === undefined) throw new Error('the job is not queued');
      return job;
    }
  });
}

async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
}

/** At first the taker comes before, at last it comes after, and in between at the same time, some turns later. */
async function race(
  round: number,
  place: () => Promise<unknown>,
  take: () => Promise<unknown>,
): Promise<void> {
  if (round < AHEAD) {
    await take();
    await place();
  } else if (round >= ROUNDS - AHEAD) {
    await place();
    await take();
  } else await Promise.all([place(), afterTurns(round % MOST_TURNS).then(take)]);
}
