import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FACTS, type HostileAgent } from '#test/hostile-agent';
import { finish, startHostileFixture, type HostileFixture } from '#test/hostile-fixture';

/** What an agent says of its boot is compared with its node's: a machine that restarted by itself is no good, a token is of one boot. */

let fixture: HostileFixture;
const builds: string[] = [];

beforeAll(async () => {
  fixture = await startHostileFixture('strangers', '{ labels: vm }');
});

afterEach(() => fixture.leave());

afterAll(async () => {
  for (const id of builds) await fixture.controller.api.post(`/builds/${id}/cancel`, { force: true });
  await fixture[Symbol.asyncDispose]();
});

const UNEXPECTED = 'its machine rebooted unexpectedly';

describe('without a reboot that was asked for', () => {
  test('another boot ends the job as errored, and its agent is refused', async () => {
    const { node, session } = await serve('[{ run: sleep 600 }]');
    const other = await say(session, 'two');
    expect(await other.next('refused')).toMatchObject({ message: UNEXPECTED });
    expect(await jobOf(node)).toMatchObject({ result: 'errored', reason: UNEXPECTED });
  });

  test('the same boot, or none, is welcome', async () => {
    const { session } = await serve('[{ run: sleep 600 }]');
    for (const boot of ['one', null])
      expect((await (await say(session, boot)).next('welcome')).resume).toHaveLength(1);
  });

  test('a token for a reboot lets nobody in', async () => {
    const { node } = await serve('[{ run: sleep 600 }]');
    const early = await say(fixture.tokens.reboot(node, 'one', 60_000), 'two');
    expect(await early.next('refused')).toMatchObject({ message: 'the bootstrap token was used before' });
  });
});

describe('while a reboot is due', () => {
  test('an agent of the old boot is welcome and has nothing to do; the new token is not for it', async () => {
    const { node, session } = await reboot();
    expect((await (await say(session, 'one')).next('welcome')).resume).toEqual([]);
    const liar = await say(fixture.tokens.reboot(node, 'one', 60_000), 'one');
    expect(await liar.next('refused')).toMatchObject({ message: 'its machine has not been rebooted yet' });
    expect(await stateOf(node)).toMatchObject({ rebootDueAt: expect.any(Number) });
  });

  test('a token of the old boot lets no agent of another boot in, nor does a token for another reboot', async () => {
    const { node, session } = await reboot();
    const old = await say(session, 'two');
    expect((await old.next('refused')).message).toMatch(/its token is of the boot before/);
    const other = await say(fixture.tokens.reboot(node, 'zero', 60_000), 'two');
    expect((await other.next('refused')).message).toMatch(/used before/);
    expect(await stateOf(node)).toMatchObject({ rebootDueAt: expect.any(Number) });
  });

  test('its agent comes back with the new token, once, and that of the old boot never again', async () => {
    const { node, session, build } = await reboot();
    const token = fixture.tokens.reboot(node, 'one', 60_000);
    // Its connection breaks before it has read its session token.
    (await say(token, 'two')).leave();
    const agent = await say(token, 'two');
    await agent.next('welcome');
    const step = await agent.next('step.start');
    await fixture.controller.api.event(({ nodeId, data }) => nodeId === node && data['rebooting'] === false);
    await untilVoid(token);
    const old = await say(session, 'one');
    expect(await old.next('refused')).toMatchObject({ message: 'its machine has been rebooted since' });
    finish(agent, step);
    expect((await fixture.controller.api.finished(build)).result).toBe('success');
  });
});

/** A job on an agent of boot `one`, whose first step runs. */
async function serve(
  steps: string,
): Promise<{ agent: HostileAgent; node: string; session: string; build: string }> {
  const { id } = await fixture.controller.api.submit(`jobs: { a: { runs-on: vm, steps: ${steps} } }`);
  builds.push(id);
  const { node, session } = await fixture.greet('strangers');
  const agent = await say(session, 'one');
  return { agent, node, session: (await agent.next('welcome')).session, build: id };
}

/** The same, when its machine is being rebooted. */
async function reboot(): Promise<Omit<Awaited<ReturnType<typeof serve>>, 'agent'>> {
  const { agent, ...served } = await serve('[{ run: echo first }, { reboot: }, { run: echo back }]');
  finish(agent, await agent.next('step.start'));
  const { step } = await agent.next('reboot.prepare');
  agent.say({ type: 'reboot.prepared', step });
  await fixture.controller.api.event(
    ({ nodeId, data }) => nodeId === served.node && data['rebooting'] === true,
  );
  return served;
}

async function say(token: string, bootId: string | null): Promise<HostileAgent> {
  const agent = await fixture.dial();
  agent.hello(token, { facts: { ...FACTS, bootId } });
  return agent;
}

/** Who has answered once has its session token; from then on the other is void. */
async function untilVoid(token: string): Promise<void> {
  for (;;) {
    const agent = await say(token, 'two');
    const answer = await Promise.race([agent.next('refused'), agent.next('welcome')]);
    if (answer.type === 'refused') return;
    agent.leave();
  }
}

function stateOf(node: string): Promise<{ rebootDueAt: number | null }> {
  return fixture.controller.api.get(`/nodes/${node}`);
}

async function jobOf(node: string): Promise<unknown> {
  const { job } = await fixture.controller.api.get<{ job: string }>(`/nodes/${node}`);
  const [number] = job.split('/');
  const { data } = await fixture.controller.api.event(
    ({ kind, data }) => kind === 'build' && data.state === 'finished' && String(data['number']) === number,
  );
  return (await fixture.controller.api.build(data.id)).jobs[0];
}
