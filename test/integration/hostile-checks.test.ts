import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CheckStart } from '#shared/protocol';
import type { BuildView } from '#test/api-client';
import type { EmbeddedController } from '#test/embedded-controller';
import { finish, startHostileFixture, type Greeted, type HostileFixture } from '#test/hostile-fixture';

/** Close code: the agent may come back and go on. */
const CUT = 1001;

let fixture: HostileFixture;
let controller: EmbeddedController;

beforeAll(async () => {
  fixture = await startHostileFixture(
    'checked',
    '{ labels: checked, checks: { dns: [a, b], script: look } }',
  );
  ({ controller } = fixture);
});

// Whatever was said: the controller lives, and other jobs run.
afterEach(async () => {
  fixture.leave();
  expect(await fixture.honestBuild()).toMatchObject({ result: 'success' });
});

afterAll(() => fixture[Symbol.asyncDispose]());

describe('an agent whose node is checked', () => {
  test('and that answers other questions than the one it was asked changes nothing', async () => {
    const { agent, order, build } = await arriveForCheck();
    agent.say({ ...fit(order), check: 'another' });
    agent.say({ ...fit(order), check: `${order.check}-1` });
    agent.say({ type: 'step.started', step: 'guessed', at: 1 });
    agent.say(fit(order));
    finish(agent, await agent.next('step.start'));
    expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
  });

  test('and that answers twice, and differently, is believed the first time', async () => {
    const { agent, node, order, build } = await arriveForCheck();
    agent.say(fit(order));
    agent.say({ ...fit(order), results: [], output: 'second' });
    const step = await agent.next('step.start');
    agent.say({ ...fit(order), results: [], output: 'third' });
    finish(agent, step);
    expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
    expect(await controller.api.get(`/nodes/${node}/checks`)).toMatchObject({ output: 'first' });
  });

  test.each([
    ['more output than there may be', { output: 'x'.repeat(64 * 1024 + 1) }],
    [
      'more results than there may be',
      { results: Array.from({ length: 34 }, () => ({ name: 'dns a', ok: true, ms: 1 })) },
    ],
    ['a negative disk', { diskFreeBytes: -1 }],
    ['a key too much', { sesame: true }],
  ])('and that tells %s is cut, and asked the same again', async (_, lie) => {
    const { agent, session, order, build } = await arriveForCheck();
    agent.say({ ...fit(order), ...lie });
    expect(await agent.closed).toBe(CUT);
    const back = await fixture.dial();
    back.hello(session);
    expect(await back.next('check.start')).toEqual(order);
    back.say(fit(order));
    finish(back, await back.next('step.start'));
    expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
  });

  test('and that does not tell of everything gets no job; the next one does', async () => {
    const { agent, node, order, build } = await arriveForCheck();
    const others = [
      { name: 'dns a', ok: true, ms: 1 },
      { name: 'dns c', ok: true, ms: 1 },
      { name: 'script', ok: true, ms: 1 },
    ];
    agent.say({ ...fit(order), results: others });
    await agent.next('lease.end');
    expect(await controller.api.get(`/nodes/${node}`)).toMatchObject({
      failure: 'check',
      reason: 'its check "dns b" failed: its agent did not tell of it',
    });
    const next = await greetChecked();
    next.agent.say(fit(next.order));
    finish(next.agent, await next.agent.next('step.start'));
    expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
  });

  test('and that answers once more while it has a job changes nothing', async () => {
    const { agent, node, order, build } = await arriveForCheck();
    agent.say(fit(order));
    const step = await agent.next('step.start');
    agent.say({ ...fit({ check: 'guessed' }), results: [] });
    agent.say({ ...fit(order), results: [] });
    finish(agent, step, 3);
    expect(await controller.api.finished(build.id)).toMatchObject({ result: 'failure' });
    expect(await controller.api.get(`/nodes/${node}`)).toMatchObject({ failure: null });
  });
});

interface CheckedNode extends Greeted {
  order: CheckStart;
}

/** An agent whose node was asked for by a job, and that was told to look at it. */
async function arriveForCheck(): Promise<CheckedNode & { build: BuildView }> {
  const build = await controller.api.submit('jobs: { a: { runs-on: checked, steps: [{ run: work }] } }');
  return { build, ...(await greetChecked()) };
}

async function greetChecked(): Promise<CheckedNode> {
  const greeted = await fixture.greet('checked');
  return { ...greeted, order: await greeted.agent.next('check.start') };
}

/** A check that found nothing wrong. */
function fit({ check }: Pick<CheckStart, 'check'>): object {
  return {
    type: 'check.finished',
    check,
    at: 1,
    diskFreeBytes: 1,
    memoryAvailableBytes: 1,
    results: ['dns a', 'dns b', 'script'].map((name) => ({ name, ok: true, ms: 1 })),
    output: 'first',
  };
}
