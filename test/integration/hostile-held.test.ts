import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Hold } from '#controller/api';
import { encodeChannelHeader, type ControllerMessageOf, type StepStart } from '#shared/protocol';
import type { EventView } from '#test/api-client';
import type { EmbeddedController } from '#test/embedded-controller';
import type { HostileAgent } from '#test/hostile-agent';
import { finish, startHostileFixture, type HostileFixture } from '#test/hostile-fixture';
import { createClient, type Client } from '../../cli/client/index.ts';

/** Agents of held nodes that say what no agent says (I9): they lose their connections, and nothing else happens to anybody. */

const CUT = 1001;
const REFUSED = 1008;
/** More than all buffers on the way to somebody who does not read. */
const UNREAD_BYTES = 64 * 1024 * 1024;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test';

let fixture: HostileFixture;
let controller: EmbeddedController;
let client: Client;

beforeAll(async () => {
  fixture = await startHostileFixture(
    'hostile',
    '{ labels: hostile }',
    'holds: { per-user: 99, per-template: 99 }',
  );
  ({ controller } = fixture);
  client = createClient({ url: controller.url, token: await controller.token() });
});

// Whatever was said: the hold holds until somebody releases it, and other jobs run.
afterEach(async () => {
  const { holds } = await client.holds.list({ state: 'live' });
  expect(holds.length).toBeGreaterThan(0);
  for (const { id } of holds) await client.holds.release(id);
  fixture.leave();
  expect(await fixture.honestBuild()).toMatchObject({ result: 'success' });
});

afterAll(async () => {
  client.close();
  await fixture[Symbol.asyncDispose]();
});

interface Held {
  agent: HostileAgent;
  session: string;
  hold: Hold;
}

describe('an agent of a held node is cut that', () => {
  test.each<[string, (held: Held) => unknown]>([
    ['names another hold', () => ({ type: 'hold.begun', hold: 'another', user: 'root', sshd: null })],
    ['has packed another one', () => ({ type: 'hold.packed', hold: 'another' })],
    [
      'claims an account with a line of its own',
      ({ hold }) => ({ type: 'hold.begun', hold: hold.id, user: 'a\nb'.repeat(999), sshd: null }),
    ],
    [
      'tells of keys beyond number',
      ({ hold }) => ({
        type: 'hold.keys.placed',
        hold: hold.id,
        keys: Array.from({ length: 999 }, () => ({ id: 'x', user: null, problem: null })),
      }),
    ],
    [
      'tells of a step',
      ({ hold }) => ({ type: 'hold.begun', hold: hold.id, user: 'root', sshd: null, step: 'x' }),
    ],
    ['opens a channel itself', () => ({ type: 'channel.open', channel: 1, use: { kind: 'sftp' } })],
    ['names a channel that is no number', () => ({ type: 'channel.opened', channel: 'x' })],
    ['begins a lease', () => ({ type: 'hello', protocol: 1 })],
  ])('%s', async (_, message) => {
    const held = await arrive();
    held.agent.say(message(held));
    expect(await held.agent.closed).toBe(CUT);
    await expectBack(held);
  });

  test('floods channels that there are not', async () => {
    const held = await arrive();
    for (let sent = 0; sent < 4; sent++) held.agent.binary(frame(7, 60_000));
    expect(await held.agent.closed).toBe(CUT);
    await expectBack(held);
  });

  test('sends more than it was asked for', async () => {
    const held = await arrive();
    const { channel, stream, terminal } = await open(held);
    stream.pause();
    for (let sent = 0; sent <= UNREAD_BYTES; sent += 60_000) held.agent.binary(frame(channel, 60_000));
    expect(await held.agent.closed).toBe(CUT);
    stream.resume();
    await expect(terminal).resolves.toBeNull();
    await expectBack(held);
  });

  test('goes on with a channel that has ended', async () => {
    const held = await arrive();
    const { channel, terminal } = await open(held);
    held.agent.say({ type: 'channel.eof', channel });
    held.agent.binary(frame(channel, 10));
    expect(await held.agent.closed).toBe(CUT);
    await expect(terminal).resolves.toBeNull();
  });
});

test("another node's keys and channels are none of an agent's business", async () => {
  const [one, two] = [await arrive(), await arrive()];
  await client.holds.addKey(two.hold.id, { key: KEY });
  const { keys } = await two.agent.next('hold.keys');
  const id = keys[0]?.id;
  one.agent.say({
    type: 'hold.keys.placed',
    hold: one.hold.id,
    keys: [{ id, user: 'root', problem: null }],
  });
  const { channel, terminal } = await open(two);
  one.agent.binary(frame(channel, 3));
  one.agent.say({ type: 'channel.exit', channel, exit: 0, signal: null });
  one.agent.say({ type: 'channel.close', channel });
  two.agent.binary(Buffer.concat([encodeChannelHeader({ channel, stream: 'data' }), Buffer.from('two')]));
  two.agent.say({ type: 'channel.exit', channel, exit: 4, signal: null });
  two.agent.say({ type: 'channel.close', channel });
  expect(await terminal).toEqual({ exit: 4, signal: null });
  expect((await client.holds.keys(two.hold.id)).keys).toMatchObject([{ placed: null }]);
});

test('an agent that stays when its hold has ended is refused, and nobody gets in by it', async () => {
  const { agent, session, hold } = await arrive();
  await client.holds.release(hold.id);
  await agent.next('lease.end');
  agent.say({ type: 'hold.begun', hold: hold.id, user: 'root', sshd: null });
  expect(await agent.closed).toBe(REFUSED);
  const late = await fixture.dial();
  late.hello(session);
  expect(await late.next('refused')).toMatchObject({ code: 'agent-refused' });
  await arrive();
});

/** An agent whose job has failed, and that was told that its node is held. */
async function arrive(): Promise<Held> {
  const { id } = await controller.api.submit(
    'jobs: { a: { runs-on: hostile, steps: [{ run: work }], post: { failure: [{ hold: { for: 1h } }] } } }',
  );
  const { agent, session } = await fixture.greet('hostile');
  const step: StepStart = await agent.next('step.start');
  finish(agent, step, 3);
  const begin: ControllerMessageOf<'hold.begin'> = await agent.next('hold.begin');
  await admitted(id);
  expect(await agent.next('hold.keys')).toMatchObject({ keys: [] });
  return { agent, session, hold: await client.holds.show(begin.hold) };
}

function admitted(build: string): Promise<EventView> {
  return controller.api.event(
    ({ kind, buildId, data }) =>
      kind === 'hold' && buildId === build && typeof data['expiresAt'] === 'number',
  );
}

/** A channel that its node has opened; `terminal` is how it ends for whoever has it. */
async function open({ agent, hold }: Held) {
  const opening = client.holds.terminal(hold.id, { columns: 80, rows: 24 });
  const { channel } = await agent.next('channel.open');
  agent.say({ type: 'channel.opened', channel });
  const { stream, ended } = await opening;
  stream.resume();
  return { channel, stream, terminal: ended };
}

/** The hold is as it was, and its agent may come again. */
async function expectBack({ session, hold }: Held): Promise<void> {
  const again = await fixture.dial();
  again.hello(session);
  await again.next('welcome');
  expect(await again.next('hold.begin')).toMatchObject({ hold: hold.id });
  expect(await client.holds.show(hold.id)).toMatchObject({ state: 'held', expiresAt: hold.expiresAt });
}

function frame(channel: number, bytes: number): Buffer {
  return Buffer.concat([encodeChannelHeader({ channel, stream: 'data' }), Buffer.alloc(bytes, 'x')]);
}
