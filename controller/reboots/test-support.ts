import { setImmediate } from 'node:timers/promises';
import type { Cloud } from '#controller/clouds';
import type { Change } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { findNode, patchNode, type Node } from '#controller/store';
import { leaseJob, type LeasedJob } from '../gateway/test-support.ts';
import { createRebootKeeper, type RebootKeeper } from './index.ts';

type Asked = Parameters<NonNullable<Cloud['reboot']>>[0];

/** A keeper, one job on a node in boot `one`, and a cloud that does as it is told. */
export interface RebootFixture extends AsyncDisposable {
  leased: LeasedJob;
  keeper: RebootKeeper;
  /** All that the cloud was asked for. */
  asked: Asked[];
  /** What the cloud does when it is asked; nothing at first. */
  answer: (signal: AbortSignal) => Promise<void>;
  changes: Change[];
  pass(): Promise<number | null>;
  node(): Promise<Node | undefined>;
  /** A new keeper on what the old one left, which gives up its calls. */
  restart(): void;
}

export async function createRebootFixture(): Promise<RebootFixture> {
  const leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ reboot: }] } }');
  const { store, journal, clock } = leased.deps;
  await store.db.updateTable('jobs').set({ state: 'running' }).where('id', '=', leased.job.id).execute();
  await store.db.updateTable('nodes').set({ state: 'leased' }).where('id', '=', leased.nodeId).execute();
  await patchNode(store.db, leased.nodeId, ['leased'], { boot: 'one' });
  const asked: Asked[] = [];
  const changes: Change[] = [];
  journal.subscribe((some) => changes.push(...some));
  const cloud = {
    async reboot(reboot: Asked, signal: AbortSignal): Promise<void> {
      asked.push(reboot);
      await fixture.answer(signal);
    },
  } as unknown as Cloud;
  const fleet = {
    connection: () => cloud,
    template: () => ({ settings: 'settings' }),
  } as unknown as Pick<Fleet, 'connection' | 'template'>;
  let stopping = new AbortController();

  const fixture: RebootFixture = {
    leased,
    keeper: newKeeper(),
    asked,
    answer: () => Promise.resolve(),
    changes,
    async pass() {
      const due = await fixture.keeper.run(new AbortController().signal);
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      return due;
    },
    node: () => findNode(store.db, leased.nodeId),
    restart() {
      stopping.abort(new Error('the controller stops'));
      stopping = new AbortController();
      fixture.keeper = newKeeper();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the controller stops'));
      await fixture.keeper.settled();
      await leased[Symbol.asyncDispose]();
    },
  };
  return fixture;

  function newKeeper(): RebootKeeper {
    return createRebootKeeper({
      store,
      journal,
      clock,
      logger: createLogger('silent'),
      fleet,
      rebootToken: (node, boot, goodMs) => `${node} after ${boot} for ${goodMs}`,
      signal: stopping.signal,
    });
  }
}
