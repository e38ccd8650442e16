import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createJournal } from '#controller/events';
import { recordHold } from '#controller/holds';
import { patchNode } from '#controller/store';
import type { Client } from './held/test-client.ts';
import { createHeldFixture, type HeldFixture } from './held/test-support.ts';

const CUT = 1001;
const REFUSED = 1008;
const never = new AbortController().signal;

let fixture: HeldFixture;

beforeEach(async () => {
  fixture = await createHeldFixture();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('the agent of a node that is held when its job ends', () => {
  test('is told what it is held with, and not that it has served', async () => {
    const agent = await fixture.arrive();
    const step = await agent.next('step.start');
    await fixture.wish();
    const end = { reason: 'exited', exit: 3, signal: null } as const;
    agent.say({ type: 'step.finished', step: step.step, at: 1, end, outputs: {}, logBytes: 0 });
    const begin = await agent.next('hold.begin');
    expect(begin).toMatchObject({
      hold: (await fixture.hold()).id,
      step: { name: 'work', shell: 'sh', script: 'work hard' },
      hasDenied: false,
      graceMs: 60_000 + 600_000,
      banner: expect.stringContaining('ended failure: step work exited with 3'),
    });
    expect(begin.banner).toContain('for alice: to look');
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [] });
    await fixture.release();
    await agent.next('lease.end');
  });

  test('is told so, too, where its job was ended elsewhere, in this process or in another', async () => {
    const agent = await fixture.arrive();
    await agent.next('step.start');
    await fixture.wish();
    await createJournal(fixture.leased.deps).commit(fixture.finish);
    await fixture.gateway().run(never);
    expect(await agent.next('hold.begin')).toMatchObject({ hold: (await fixture.hold()).id });
  });

  test('is welcome after a restart, hears it all again, and goes on as long as the hold', async () => {
    await fixture.begin();
    await fixture.admitHold();
    await fixture.deafen();
    await fixture.listen();
    const agent = await fixture.dial();
    agent.hello(fixture.tokens.session(fixture.leased.nodeId, null));
    expect(await agent.next('welcome')).toMatchObject({ resume: [], graceMs: 600_000 + 5_000 });
    expect(await agent.next('hold.begin')).toMatchObject({ graceMs: 600_000 + 5_000 });
    await agent.next('hold.keys');
    expect(await fixture.leased.store.db.selectFrom('nodes').select('disconnected_at').execute()).toEqual([
      { disconnected_at: null },
    ]);
  });

  test('gets no job, no step and no question', async () => {
    const agent = await fixture.begin();
    await fixture.gateway().run(never);
    await fixture.addOne();
    await fixture.admitHold();
    await agent.next('hold.keys');
    expect(agent.unread()).toMatchObject([{ type: 'hold.begin' }]);
  });

  test('says once for each beginning what there is; what nobody asked for is not listened to', async () => {
    const agent = await fixture.begin();
    const { id: hold } = await fixture.hold();
    const keys = await fixture.addOne();
    // Its expiry is said anew.
    await fixture.admitHold();
    await agent.next('hold.keys');
    for (const user of ['first', 'second', 'third'])
      agent.say({ type: 'hold.begun', hold, user, sshd: null });
    agent.say({ type: 'hold.keys.placed', hold, keys: [{ id: keys.id, user: 'first', problem: null }] });
    await fixture.changed(({ placed }) => placed !== null);
    expect(fixture.gateway().heldNodes.facts(fixture.leased.nodeId)).toEqual({ user: 'second', sshd: null });
  });

  test('is refused once the hold has ended', async () => {
    const agent = await fixture.begin();
    await fixture.release();
    await agent.next('lease.end');
    const late = await fixture.dial();
    late.hello(fixture.tokens.session(fixture.leased.nodeId, null));
    await late.next('refused');
    expect(await late.closed).toBe(REFUSED);
  });
});

describe('the keys of a hold', () => {
  test('are said when it is admitted, added, extended, revoked; what became of them is written down', async () => {
    const agent = await fixture.begin();
    const key = await fixture.addOne();
    await fixture.admitHold();
    const { expires_at: expiresAt } = await fixture.hold();
    const wanted = { id: key.id, key: key.key, user: null };
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [{ ...wanted, expiresAt }] });
    agent.say({
      type: 'hold.keys.placed',
      hold: (await fixture.hold()).id,
      keys: [{ id: key.id, user: 'ro\u0007ot', problem: 'no\u001b[2Jhome' }],
    });
    await fixture.changed(({ placed }) => placed !== null);
    expect(await fixture.keys()).toMatchObject([{ placed: { user: 'ro ot', problem: 'no [2Jhome' } }]);
    await fixture.extend(9_000);
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [{ expiresAt: (expiresAt ?? 0) + 9_000 }] });
    await fixture.revoke(key);
    expect(await agent.next('hold.keys')).toMatchObject({ keys: [] });
  });

  test('of another hold are none of the agent’s business (I9)', async () => {
    const agent = await fixture.begin();
    await fixture.addOne();
    await fixture.admitHold();
    await agent.next('hold.keys');
    agent.say({ type: 'hold.keys.placed', hold: 'another', keys: [] });
    expect(await agent.closed).toBe(CUT);
    expect(await fixture.keys()).toMatchObject([{ placed: null }]);
  });
});

describe('channels', () => {
  test('go over the connection of the agent, which tells of its node', async () => {
    const agent = await fixture.begin();
    const { heldNodes } = fixture.gateway();
    expect([heldNodes.isConnected(fixture.leased.nodeId), heldNodes.facts(fixture.leased.nodeId)]).toEqual([
      true,
      null,
    ]);
    const sshd = { port: 22, addresses: ['10.0.0.7'] };
    agent.say({ type: 'hold.begun', hold: (await fixture.hold()).id, user: 'root', sshd });
    const opening = heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    agent.say({ type: 'channel.opened', channel });
    const { stream, ended } = await opening;
    expect(heldNodes.facts(fixture.leased.nodeId)).toEqual({ user: 'root', sshd });
    agent.data(channel, 'hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    await fixture.release();
    expect(await ended).toBeNull();
    await expect(heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never)).rejects.toMatchObject({
      code: 'node-unreachable',
    });
  });

  test('are opened at once when the node is held, before its agent has heard of that', async () => {
    const agent = await fixture.arrive();
    await agent.next('step.start');
    await fixture.wish();
    await fixture.leased.journal.commit(fixture.finish);
    const opening = fixture.gateway().heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    expect(agent.unread().map(({ type }) => type)).toEqual(['hold.begin', 'hold.keys']);
    agent.say({ type: 'channel.opened', channel });
    await opening;
  });

  test('end with the connection; nobody reaches a node whose agent is away', async () => {
    const agent = await fixture.begin();
    const opening = fixture.gateway().heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never);
    const { channel } = await agent.next('channel.open');
    agent.say({ type: 'channel.opened', channel });
    const { stream, ended } = await opening;
    agent.leave();
    expect(await ended).toBeNull();
    expect(stream.destroyed).toBe(true);
    expect(fixture.gateway().heldNodes.isConnected(fixture.leased.nodeId)).toBe(false);
    const again = fixture.gateway().heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never);
    await expect(again).rejects.toMatchObject({ code: 'node-unreachable' });
  });

  test('of a node that is not held end the connection of whoever speaks of them (I9)', async () => {
    for (const say of [
      (agent: Client) => agent.say({ type: 'channel.opened', channel: 1 }),
      (agent: Client) => agent.say({ type: 'hold.packed', hold: 'x' }),
      (agent: Client) => agent.data(1, 'x'),
    ]) {
      const agent = await fixture.arrive();
      await agent.next('step.start');
      say(agent);
      expect(await agent.closed).toBe(CUT);
    }
  });

  test('packing tells of its success, of a problem, and of an agent that is gone', async () => {
    const agent = await fixture.begin();
    const { id } = await fixture.hold();
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

describe('while its machine is captured', () => {
  test('the agent hears nothing of the hold, not even over a new connection: its keys would be in the image', async () => {
    const before = await fixture.begin();
    await fixture.admitHold();
    await before.next('hold.begin');
    await fixture.addOne();
    await before.next('hold.keys');
    await capture('a-version');
    await packed(before);
    await fixture.extend(1000);
    before.leave();
    await before.closed;
    const agent = await fixture.arrive();
    await fixture.extend(1000);
    await fixture.gateway().run(never);
    await packed(agent);
    expect(agent.unread()).toEqual([]);
    const opening = fixture.gateway().heldNodes.open(fixture.leased.nodeId, { kind: 'sftp' }, never);
    await expect(opening).rejects.toThrow('the node is being captured');
  });

  test('which comes to nothing, the agent waits; then it puts back what it had packed away', async () => {
    const agent = await fixture.begin();
    await fixture.admitHold();
    await agent.next('hold.begin');
    const key = await fixture.addOne();
    const { keys } = await agent.next('hold.keys');
    await capture('a-version');
    await packed(agent);
    await capture(null);
    await agent.next('hold.begin');
    expect(await agent.next('hold.keys')).toMatchObject({ keys });
    expect(keys).toMatchObject([{ id: key.id }]);
  });
});

/** As its capture begins, or has ended. */
async function capture(version: string | null): Promise<void> {
  const hold = await fixture.hold();
  await fixture.leased.journal.commit(async (tx) => {
    await patchNode(tx.db, fixture.leased.nodeId, ['held'], { capture_id: version });
    await recordHold(tx, hold);
  });
}

async function packed(agent: Client): Promise<void> {
  const done = pack();
  const { hold } = await agent.next('hold.pack');
  agent.say({ type: 'hold.packed', hold });
  await done;
}

function pack(): Promise<void> {
  return fixture.gateway().heldNodes.pack(fixture.leased.nodeId, never);
}
