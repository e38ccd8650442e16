import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOperated, type OperatedController } from '#test/operated-controller';

/** What the commands tell while a cloud does not answer: what is so, since when, and what happens by itself. */

const LAB = `  lab:
    kind: fake
    world: WORLD
    templates: { small: { labels: small } }
`;
const DOWN = [
  { on: 'list', do: 'unavailable' },
  { on: 'launch', do: 'unavailable' },
  { on: 'stop', do: 'unavailable' },
  { on: 'remove', do: 'unavailable' },
  { on: 'console', do: 'unavailable' },
] as const;

let controller: OperatedController;

beforeEach(async () => {
  controller = await startOperated(LAB, 'sweep: { interval: 200ms }\n');
  const { api, world, submit, nextNode } = controller;
  const { build } = await submit('small');
  await nextNode('leased');
  await world.script(...DOWN);
  await api.finished(build);
  await cloudIs('unreachable');
});

afterEach(() => controller[Symbol.asyncDispose]());

test('nodes say why they stay, one by one and in short', async () => {
  const { place, api, nextNode } = controller;
  const { data } = await nextNode('deleting');
  await api.event(({ data: { id, failures } }) => id === data.id && failures === 2);
  expect((await place.run('nodes')).out).toMatch(
    new RegExp(`^${data.id}\tdeleting\tlab/small\t.*\tnot removed in \\d tries yet`, 'm'),
  );
  const { exit, out } = await place.run('node', 'show', data.id);
  expect(exit).toBe(0);
  expect(out).toMatch(/^removal\tfailed \d times; it is tried again$/m);
  expect(out).toMatch(/^what it printed outside its job can not be read now:\n.*not available/m);
});

test('clouds and the doctor name the one cause, once', async () => {
  const { place, submit, waitsFor } = controller;
  const { job } = await submit('small');
  await waitsFor(job, 'breaker open');
  expect((await place.run('clouds')).out).toMatch(
    /^lab\/small\t.*\tbreaker .*; the cloud does not answer since \d\d:\d\d:\d\d(: .*)?$/m,
  );
  const { exit, out } = await place.run('doctor');
  expect(exit).toBe(1);
  expect(out).toMatch(
    /^1 problem\n {2}cloud lab can't be listed: .*; \d+ nodes? of it will be removed when it answers again\n$/m,
  );
});

test('when it answers again all goes on by itself, and all is well', async () => {
  const { place, api, world, submit, waitsFor } = controller;
  const { build, job } = await submit('small');
  await waitsFor(job, 'breaker open');
  await world.script();
  await cloudIs('reachable');
  expect(await api.finished(build)).toMatchObject({ result: 'success' });
  await api.drained();
  expect(await place.run('doctor')).toMatchObject({ exit: 0, out: expect.stringContaining('All is well.') });
});

async function cloudIs(state: string): Promise<void> {
  await controller.api.event(({ kind, data }) => kind === 'cloud' && data.state === state);
}
