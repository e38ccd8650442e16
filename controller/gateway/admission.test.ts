import { afterEach, beforeEach, expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import { createLabelMatcher } from '#controller/matching';
import { findNode, insertNode, patchJob, type NewNode, type Node } from '#controller/store';
import { Facts, PROTOCOL_VERSION } from '#shared/protocol';
import { admit, type Admission } from './admission.ts';
import { leaseJob, readyNode, type LeasedJob } from './test-support.ts';
import { createAgentTokens } from './tokens.ts';

const FACTS = {
  os: 'Debian',
  architecture: 'x64',
  kernel: '6',
  hostname: 'h',
  cpus: 1,
  memoryBytes: 1,
  diskFreeBytes: 1,
};

const tokens = createAgentTokens({
  keys: { derive: () => Buffer.alloc(32, 1) },
  controllerId: 'c',
  bootstrapMs: 60_000,
});
let leased: LeasedJob;

beforeEach(async () => {
  leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ run: work }] } }');
});

afterEach(() => leased[Symbol.asyncDispose]());

test('the boot of the first hello is that of the node', async () => {
  await hello(leased.nodeId, 'one');
  expect(await nodeNow(leased.nodeId)).toMatchObject({ boot: 'one', facts: { bootId: 'one' } });
});

test('a node that idled while its machine rebooted goes: no job gets it', async () => {
  const { id } = await idleNode({ boot: 'one' });
  await expect(hello(id, 'two')).rejects.toMatchObject({
    code: 'agent-refused',
    message: 'its machine rebooted unexpectedly',
  });
  expect(await nodeNow(id)).toMatchObject({
    state: 'deleting',
    failure: 'lost',
    reason: 'its machine rebooted unexpectedly',
  });
});

test('a job whose machine rebooted unexpectedly is errored, and keeps that reason', async () => {
  await hello(leased.nodeId, 'one');
  await expect(hello(leased.nodeId, 'two')).rejects.toMatchObject({ code: 'agent-refused' });
  const ended = { state: 'finished', result: 'errored', reason: 'its machine rebooted unexpectedly' };
  expect(await leased.now()).toMatchObject(ended);
  await expect(hello(leased.nodeId, 'one')).rejects.toMatchObject({ code: 'agent-refused' });
  expect(await leased.now()).toMatchObject(ended);
});

test('a job whose machine rebooted unexpectedly leaves it to whoever wants to see that', async () => {
  await hello(leased.nodeId, 'one');
  await wish();
  expect(await hello(leased.nodeId, 'two')).toMatchObject({
    job: null,
    node: { state: 'held', boot: 'two' },
  });
  expect(await leased.now()).toMatchObject({
    result: 'errored',
    reason: 'its machine rebooted unexpectedly',
  });
});

test('a held node’s machine may reboot as often as whoever holds it likes; sessions of earlier boots are void', async () => {
  await hello(leased.nodeId, 'one');
  await wish();
  await leased.journal.commit((tx) => finishJob(tx, leased.job.id, { result: 'failure', reason: null }));
  const session = tokens.session(leased.nodeId, 'one');
  expect(await hello(leased.nodeId, 'two', session)).toMatchObject({ node: { state: 'held', boot: 'two' } });
  await expect(hello(leased.nodeId, 'one', session)).rejects.toMatchObject({ code: 'agent-refused' });
  const reboot = tokens.reboot(leased.nodeId, 'two', 60_000);
  expect(await hello(leased.nodeId, 'three', reboot)).toMatchObject({
    node: { boot: 'three', bootstrap_used_at: null },
  });
});

async function wish(): Promise<void> {
  const hold = { on: 'failure', origin: 'request', owner: 'alice', reason: null, forMs: null } as const;
  await leased.journal.commit((tx) =>
    patchJob(tx.db, leased.job.id, ['leased'], { hold: { ...hold, keys: [] } }),
  );
}

function hello(nodeId: string, bootId: string, token = tokens.session(nodeId, null)): Promise<Admission> {
  const { journal } = leased;
  return admit(
    { journal, tokens, fleet: { template: () => undefined }, matcher: createLabelMatcher() },
    {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      token,
      agentVersion: '1',
      facts: Facts.parse({ ...FACTS, bootId }),
    },
  );
}

async function idleNode(change: Partial<NewNode>): Promise<Node> {
  const node = { ...readyNode(1), ...change };
  await insertNode(leased.store.db, node);
  return { ...node, pinned: node.pinned ?? 0 };
}

function nodeNow(id: string): Promise<Node | undefined> {
  return findNode(leased.store.db, id);
}
