import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelJob, finishJob } from '#controller/builds';
import { rebootingNodes, type Node } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { beginReboot, endReboot } from './index.ts';
import { createRebootFixture, type RebootFixture } from './test-support.ts';

let fixture: RebootFixture;

beforeEach(async () => {
  fixture = await createRebootFixture();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('the life of a reboot', () => {
  test('begins once, ends once, and is told both times', async () => {
    expect(await begin()).toMatchObject({ boot: 'one', reboot_due_at: now() + 60_000 });
    expect(await begin()).toBeUndefined();
    expect(await end('one', 'two')).toMatchObject({
      boot: 'two',
      reboot_due_at: null,
      bootstrap_used_at: null,
    });
    expect(await end('one', 'two')).toBeUndefined();
    expect(fixture.changes.map(({ data }) => data)).toMatchObject([
      { state: 'leased', boot: 'one', rebooting: true },
      { state: 'leased', boot: 'two', rebooting: false },
    ]);
  });

  test('ends by no boot but the next of the one that was to end', async () => {
    await begin();
    expect(await end('zero', 'two')).toBeUndefined();
    expect(await fixture.node()).toMatchObject({ boot: 'one', reboot_due_at: now() + 60_000 });
  });

  test('is none where the node never told its boot, or is no job’s any more', async () => {
    await set({ boot: null });
    expect(await begin()).toBeUndefined();
    await set({ boot: 'one', state: 'deleting' });
    expect(await begin()).toBeUndefined();
  });
});

describe('the keeper', () => {
  test('asks the cloud once, with all that it takes', async () => {
    await begin();
    expect(await fixture.pass()).toBe(now() + 60_000);
    await fixture.pass();
    const { nodeId } = fixture.leased;
    expect(fixture.asked).toHaveLength(1);
    expect(fixture.asked[0]).toMatchObject({
      node: { id: nodeId },
      template: 'settings',
      host: null,
      boot: 'one',
    });
    expect(fixture.asked[0]?.bootstrap({ endpoint: 'e', root: 'r' })).toEqual({
      node: nodeId,
      endpoint: 'e',
      root: 'r',
      token: `${nodeId} after one for 60000`,
    });
  });

  test('asks for the next reboot of a node, too', async () => {
    for (const [from, to] of [
      ['one', 'two'],
      ['two', 'three'],
    ] as const) {
      await begin();
      await fixture.pass();
      await end(from, to);
    }
    expect(fixture.asked.map(({ boot }) => boot)).toEqual(['one', 'two']);
  });

  test('asks again after a restart, and when the cloud was not available', async () => {
    fixture.answer = () => Promise.reject(new FootmanError('cloud-unavailable', 'not now'));
    await begin();
    await fixture.pass();
    fixture.leased.deps.clock.pass(500);
    await fixture.pass();
    expect(fixture.asked).toHaveLength(2);
    fixture.answer = () => Promise.resolve();
    fixture.restart();
    await fixture.pass();
    expect(fixture.asked).toHaveLength(3);
    fixture.leased.deps.clock.pass(30_000);
    await fixture.pass();
    expect(fixture.asked).toHaveLength(3);
  });

  test('asks again when no agent comes from the machine that is back, and no more once one has', async () => {
    await begin();
    await fixture.pass();
    fixture.leased.deps.clock.pass(45_000);
    await fixture.pass();
    expect(fixture.asked).toHaveLength(2);
    await end('one', 'two');
    await fixture.pass();
    await fixture.keeper.nodeSettled(fixture.leased.nodeId);
    fixture.leased.deps.clock.pass(45_000);
    await fixture.pass();
    expect(fixture.asked).toHaveLength(2);
  });

  test('ends the job when the time is up, with the last that the cloud said', async () => {
    fixture.answer = () => Promise.reject(new FootmanError('cloud-unavailable', 'not now'));
    await begin();
    await fixture.pass();
    fixture.leased.deps.clock.pass(60_000);
    await fixture.pass();
    const reason = 'its machine did not come back from its reboot in time: not now';
    expect(await fixture.leased.now()).toMatchObject({ result: 'errored', reason });
    expect(await fixture.node()).toMatchObject({ state: 'deleting' });
  });

  test('ends the job at once when the cloud refuses', async () => {
    fixture.answer = () => Promise.reject(new FootmanError('cloud-refused', 'no such thing'));
    await begin();
    await fixture.pass();
    expect(await fixture.leased.now()).toMatchObject({
      result: 'errored',
      reason: 'its machine could not be rebooted: no such thing',
    });
  });

  test('asks no more once the agent is back, though the cloud’s answer was lost', async () => {
    fixture.answer = () => Promise.reject(new FootmanError('cloud-unavailable', 'lost'));
    await begin();
    await fixture.pass();
    await end('one', 'two');
    expect(fixture.keeper.concerns(fixture.changes.slice(-1))).toBe(true);
    await fixture.pass();
    await fixture.keeper.nodeSettled(fixture.leased.nodeId);
    fixture.leased.deps.clock.pass(30_000);
    await fixture.pass();
    expect(fixture.asked).toHaveLength(1);
  });

  test('does not end a job whose agent was faster than the refusal', async () => {
    const answer = Promise.withResolvers<void>();
    fixture.answer = () => answer.promise;
    await begin();
    await fixture.pass();
    await end('one', 'two');
    answer.reject(new FootmanError('cloud-refused', 'too late'));
    await fixture.pass();
    expect(await fixture.leased.now()).toMatchObject({ state: 'running' });
  });

  test('ends the job that is to be cancelled', async () => {
    await begin();
    const { journal, job } = fixture.leased;
    await journal.commit((tx) => cancelJob(tx, job, { reason: 'by a person', force: false }));
    await fixture.pass();
    expect(await fixture.leased.now()).toMatchObject({ result: 'cancelled', reason: 'by a person' });
  });

  test('gives up the call for a node that goes, which is settled then, and no reboot is left', async () => {
    let given: AbortSignal | undefined;
    fixture.answer = (signal) => {
      given = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    await begin();
    await fixture.pass();
    const { journal, job, nodeId, store } = fixture.leased;
    await journal.commit((tx) => finishJob(tx, job.id, { result: 'cancelled', reason: null }));
    expect(fixture.keeper.concerns(fixture.changes)).toBe(true);
    await fixture.pass();
    expect(given?.aborted).toBe(true);
    await fixture.keeper.nodeSettled(nodeId);
    expect(await rebootingNodes(store.db)).toEqual([]);
  });
});

function now(): number {
  return fixture.leased.deps.clock.now();
}

function begin(): Promise<Node | undefined> {
  return fixture.leased.journal.commit((tx) => beginReboot(tx, fixture.leased.nodeId, 60_000));
}

function end(from: string, to: string): Promise<Node | undefined> {
  return fixture.leased.journal.commit((tx) => endReboot(tx, fixture.leased.nodeId, { from, to }));
}

async function set(change: Partial<Pick<Node, 'boot' | 'state'>>): Promise<void> {
  const { store, nodeId } = fixture.leased;
  await store.db.updateTable('nodes').set(change).where('id', '=', nodeId).execute();
}
