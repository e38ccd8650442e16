import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import { createJournal, type Tx } from '#controller/events';
import { addHoldKey, endHold, recordHold, revokeHoldKey, type Caller } from '#controller/holds';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import { holdOfNode, keysOfHold, patchHold, patchJob, type Hold, type HoldKey } from '#controller/store';
import { createGateway, type Gateway } from './gateway.ts';
import { dialIn, type Client } from './held/test-support.ts';
import { leaseJob, type LeasedJob } from './test-support.ts';
import { createAgentTokens, type AgentTokens } from './tokens.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test';
const ALICE: Caller = { actor: 'alice', isAdmin: false };
const CUT = 1001;
const REFUSED = 1008;
const never = new AbortController().signal;

let leased: LeasedJob;
let tokens: AgentTokens;
let gateway: Gateway;
let server: Server;
let agents: Client[];

beforeEach(async () => {
  agents = [];
  leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ name: work, run: "work hard" }] } }');
  const keys = { derive: () => Buffer.alloc(32, 1) };
  tokens = createAgentTokens({ keys, controllerId: 'c', bootstrapMs: 60_000 });
  await listen();
});

afterEach(async () => {
  for (const agent of agents) agent.leave();
  await deafen();
  await leased[Symbol.asyncDispose]();
});

describe('the agent of a node that is held when its job ends', () => {
  test('is told what it is held with, and not that it has served', async () => {
    const agent = await arrive();
    const step = await agent.next('step.start');
    await wish();
    const end = { reason: 'exited', exit: 3, signal: null } as const;
    agent.say({ type: 'step.finished', step: step.step, at: 1, end, outputs: {}, logBytes: 0 });
    const begin = await agent.next('hold.begin');
    expect(begin).toMatchObject({
      hold: (await hold()).id,
      step: { name: 'work', shell: 'sh', script: 'work hard' },
      deny: [],
      graceMs: 60_000 + 600_000,
      banner: expect.stringContaining('ended failure: step work exited with 3'),
    });
    expect(begin.banner).toContain('for alice: to look');
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [] });
    await release();
    await agent.next('lease.end');
  });

  test('is told so, too, where its job was ended elsewhere, in this process or in another', async () => {
    const agent = await arrive();
    await agent.next('step.start');
    await wish();
    await createJournal(leased.deps).commit(finish);
    await gateway.run(never);
    expect(await agent.next('hold.begin')).toMatchObject({ hold: (await hold()).id });
  });

  test('is welcome after a restart, hears it all again, and goes on as long as the hold', async () => {
    await begin();
    await admitHold();
    await deafen();
    await listen();
    const agent = await dial();
    agent.hello(tokens.session(leased.nodeId, null));
    expect(await agent.next('welcome')).toMatchObject({ resume: [], graceMs: 600_000 + 5_000 });
    expect(await agent.next('hold.begin')).toMatchObject({ graceMs: 600_000 + 5_000 });
    await agent.next('hold.keys');
    expect(await leased.store.db.selectFrom('nodes').select('disconnected_at').execute()).toEqual([
      { disconnected_at: null },
    ]);
  });

  test('gets no job, no step and no question', async () => {
    const agent = await begin();
    await gateway.run(never);
    await addOne();
    await admitHold();
    await agent.next('hold.keys');
    expect(agent.unread()).toMatchObject([{ type: 'hold.begin' }]);
  });

  test('is refused once the hold has ended', async () => {
    const agent = await begin();
    await release();
    await agent.next('lease.end');
    const late = await dial();
    late.hello(tokens.session(leased.nodeId, null));
    await late.next('refused');
    expect(await late.closed).toBe(REFUSED);
  });
});

describe('the keys of a hold', () => {
  test('are said when it is admitted, added, extended, revoked; what became of them is written down', async () => {
    const agent = await begin();
    const key = await addOne();
    await admitHold();
    const { expires_at: expiresAt } = await hold();
    const wanted = { id: key.id, key: key.key, user: null };
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [{ ...wanted, expiresAt }] });
    agent.say({
      type: 'hold.keys.placed',
      hold: (await hold()).id,
      keys: [{ id: key.id, user: 'root', problem: 'no\u001b[2Jhome' }],
    });
    await changed(({ placed }) => placed !== null);
    expect(await keys()).toMatchObject([{ placed: { user: 'root', problem: 'no [2Jhome' } }]);
    await extend(9_000);
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [{ expiresAt: (expiresAt ?? 0) + 9_000 }] });
    await revoke(key);
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [] });
  });

  test('of another hold are none of the agent’s business (I9)', async () => {
    const agent = await begin();
    await addOne();
    await admitHold();
    await agent.next('hold.keys');
    agent.say({ type: 'hold.keys.placed', hold: 'another', keys: [] });
    expect(await agent.closed).toBe(CUT);
    expect(await keys()).toMatchObject([{ placed: null }]);
  });
});

describe('channels', () => {
  test('go over the connection of the agent, which tells of its node', async () => {
    const agent = await begin();
    const { heldNodes } = gateway;
    expect([heldNodes.isConnected(leased.nodeId), heldNodes.facts(leased.nodeId)]).toEqual([true, null]);
    const sshd = { port: 22, addresses: ['10.0.0.7'] };
    agent.say({ type: 'hold.begun', hold: (await hold()).id, user: 'root', sshd });
    const opening = heldNodes.open(leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    agent.say({ type: 'channel.opened', channel });
    const { stream, ended } = await opening;
    expect(heldNodes.facts(leased.nodeId)).toEqual({ user: 'root', sshd });
    agent.data(channel, 'hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    await release();
    expect(await ended).toBeNull();
    await expect(heldNodes.open(leased.nodeId, { kind: 'sftp' }, never)).rejects.toMatchObject({
      code: 'node-unreachable',
    });
  });

  test('are opened at once when the node is held, before its agent has heard of that', async () => {
    const agent = await arrive();
    await agent.next('step.start');
    await wish();
    await leased.journal.commit(finish);
    const opening = gateway.heldNodes.open(leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    expect(agent.unread().map(({ type }) => type)).toEqual(['hold.begin', 'hold.keys']);
    agent.say({ type: 'channel.opened', channel });
    await opening;
  });

  test('end with the connection; nobody reaches a node whose agent is away', async () => {
    const agent = await begin();
    const opening = gateway.heldNodes.open(leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    agent.say({ type: 'channel.opened', channel });
    const { stream, ended } = await opening;
    agent.leave();
    expect(await ended).toBeNull();
    expect(stream.destroyed).toBe(true);
    expect(gateway.heldNodes.isConnected(leased.nodeId)).toBe(false);
    const again = gateway.heldNodes.open(leased.nodeId, { kind: 'sftp' }, never);
    await expect(again).rejects.toMatchObject({ code: 'node-unreachable' });
  });

  test('of a node that is not held end the connection of whoever speaks of them (I9)', async () => {
    for (const say of [
      (agent: Client) => agent.say({ type: 'channel.opened', channel: 1 }),
      (agent: Client) => agent.say({ type: 'hold.packed', hold: 'x' }),
      (agent: Client) => agent.data(1, 'x'),
    ]) {
      const agent = await arrive();
      await agent.next('step.start');
      say(agent);
      expect(await agent.closed).toBe(CUT);
    }
  });

  test('packing tells of its success, of a problem, and of an agent that is gone', async () => {
    const agent = await begin();
    const { id } = await hold();
    const pack = (): Promise<void> => gateway.heldNodes.pack(leased.nodeId, never);
    const first = pack();
    await agent.next('hold.pack');
    agent.say({ type: 'hold.packed', hold: id });
    await first;
    const second = pack();
    await agent.next('hold.pack');
    agent.say({ type: 'hold.packed', hold: id, problem: 'no space' });
    await expect(second).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/no space/),
    });
    const third = pack();
    await agent.next('hold.pack');
    agent.leave();
    await expect(third).rejects.toMatchObject({ code: 'node-unreachable' });
  });
});

async function listen(): Promise<void> {
  gateway = createGateway({
    ...leased.deps,
    tokens,
    logger: createLogger('silent'),
    graceMs: 1,
    fleet: { template: () => undefined },
    matcher: createLabelMatcher(),
    checksOf: () => null,
    longestHoldMs: () => 60_000,
  });
  unsubscribe = leased.journal.subscribe(gateway.observe);
  server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', gateway.upgrade);
  await once(server, 'listening');
}

let unsubscribe: () => void;

async function deafen(): Promise<void> {
  unsubscribe();
  await gateway.close();
  server.close();
}

async function dial(): Promise<Client> {
  const agent = await dialIn(server);
  agents.push(agent);
  return agent;
}

async function arrive(): Promise<Client> {
  const agent = await dial();
  agent.hello(tokens.session(leased.nodeId, null));
  await agent.next('welcome');
  return agent;
}

/** An agent whose node is held, and that was told so. */
async function begin(): Promise<Client> {
  const agent = await arrive();
  await agent.next('step.start');
  await wish();
  await leased.journal.commit(finish);
  await agent.next('hold.begin');
  await agent.next('hold.keys');
  return agent;
}

async function wish(): Promise<void> {
  const hold = {
    on: 'end',
    origin: 'request',
    owner: 'alice',
    reason: 'to look',
    forMs: null,
    keys: [],
  } as const;
  await leased.journal.commit((tx) =>
    patchJob(tx.db, leased.job.id, ['leased', 'running'], { hold: { ...hold, keys: [] } }),
  );
}

async function finish(tx: Tx): Promise<void> {
  await finishJob(tx, leased.job.id, { result: 'errored', reason: 'elsewhere' });
}

async function hold(): Promise<Hold> {
  const found = await holdOfNode(leased.store.db, leased.nodeId);
  if (found === undefined) throw new Error('the node is not held');
  return found;
}

/** As the keeper of holds does. */
function admitHold(): Promise<void> {
  return patch({ admitted: 1, expires_at: leased.deps.clock.now() + 5_000 });
}

async function extend(ms: number): Promise<void> {
  await patch({ expires_at: ((await hold()).expires_at ?? 0) + ms });
}

async function patch(change: Parameters<typeof patchHold>[2]): Promise<void> {
  const { id } = await hold();
  await leased.journal.commit(async (tx) => {
    const patched = await patchHold(tx.db, id, change);
    if (patched !== undefined) await recordHold(tx, patched);
  });
}

async function release(): Promise<void> {
  const { id } = await hold();
  await leased.journal.commit((tx) =>
    endHold(tx, id, { state: 'released', outcome: 'was given back', actor: 'alice' }),
  );
}

async function addOne(): Promise<HoldKey> {
  const [key] = await addHoldKey(leased.journal, (await hold()).id, { key: KEY, login: null }, ALICE);
  if (key === undefined) throw new Error('the key was not added');
  return key;
}

async function revoke({ id }: HoldKey): Promise<void> {
  await revokeHoldKey(leased.journal, (await hold()).id, id, ALICE);
}

async function keys(): Promise<HoldKey[]> {
  return keysOfHold(leased.store.db, (await hold()).id);
}

/** Resolves when a key of the hold fits, looked at after each change. */
async function changed(fits: (key: HoldKey) => boolean): Promise<void> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = leased.journal.subscribe(() => resolve());
    try {
      if ((await keys()).some(fits)) return;
      await promise;
    } finally {
      callOff();
    }
  }
}
