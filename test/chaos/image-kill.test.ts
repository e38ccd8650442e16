import { afterEach, beforeEach, expect, test } from 'vitest';
import { startKilledController, type KilledController } from '#test/killed-controller';

let fixture: KilledController;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 0 }
clouds:
  lab: { kind: fake, world: ${at}, templates: { plain: { labels: plain }, based: { labels: based, stream: base } } }
`,
  );
  ({ world, controller } = fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

const PIPELINE = `
jobs:
  make:
    runs-on: plain
    steps: [{ run: echo installed >> "$FAKE_DISK" }]
    post: { success: [{ snapshot: { stream: base, verify: [{ run: grep installed "$FAKE_DISK" }] } }] }
`;

test.each([
  { call: 'capture', at: 'before' },
  { call: 'capture', at: 'after' },
  { call: 'launch', at: 'before', image: 'base-1.lab' },
] as const)(
  'kill -9 $at a $call: one image is made, verified and promoted (I5)',
  async ({ call, at, ...of }) => {
    await world.script({ on: call, at, do: 'pause', times: 1, ...of });
    const { id } = await controller.api.submit(PIPELINE);
    await world.paused({ call, edge: at });
    await controller.kill();
    await controller.start();
    expect(await controller.api.finished(id)).toMatchObject({
      result: 'success',
      jobs: [
        { key: 'make', attempt: 1, result: 'success' },
        { key: 'make (verify base)', result: 'success' },
      ],
    });
    expect((await world.captures()).map(({ name }) => name)).toEqual(['base-1.lab']);
    const user = await controller.api.submit(
      'jobs: { use: { runs-on: based, steps: [{ run: grep installed "$FAKE_DISK" }] } }',
    );
    expect(await controller.api.finished(user.id)).toMatchObject({ result: 'success' });
    await controller.api.drained();
    expect(await world.resources()).toEqual([]);
  },
);

test('kill -9 in a capture of a build that is cancelled meanwhile: no image is left, and nothing is promoted', async () => {
  await world.script({ on: 'capture', at: 'after', do: 'pause', times: 1 });
  const { id } = await controller.api.submit(PIPELINE);
  await world.paused({ call: 'capture' });
  await controller.api.post(`/builds/${id}/cancel`, {});
  await controller.kill();
  await controller.start();
  expect(await controller.api.finished(id)).toMatchObject({ result: 'cancelled' });
  await controller.api.drained();
  await expect.poll(() => world.captures(), { timeout: 30_000 }).toEqual([]);
  expect(await controller.api.get('/images')).toMatchObject({ streams: [{ current: null }] });
});
