import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BuildList } from '#controller/api';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { stepNamed } from '#test/pipelines';
import { expectNothingLeaked } from '#test/sound-images';

/** However often the controller dies while jobs wait for their image, it is made once (I3, L8). */

let fixture: KilledController;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 0 }
clouds: { lab: { kind: fake, world: ${at}, templates: { machine: { labels: vm } } } }
`,
  );
  ({ world, controller } = fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('kill -9 in the middle of a preparation that ten jobs wait for: one build, one image, and all succeed', async () => {
  await world.script(
    { on: 'launch', at: 'after', do: 'pause', times: 1 },
    { on: 'capture', at: 'after', do: 'pause', times: 1 },
  );
  const jobs = Array.from({ length: 10 }, (_, index) => `  j${index}: *job\n`).slice(1);
  const { id } = await controller.api.submit(`
jobs:
  j0: &job
    runs-on: vm
    prepare: { key: tools, steps: [{ run: 'echo installed >> "$FAKE_DISK"' }] }
    steps: [{ name: count, run: 'grep -c installed "$FAKE_DISK"' }]
${jobs.join('')}`);
  for (const call of ['launch', 'capture'] as const) {
    await world.paused({ call });
    await controller.kill();
    await controller.start();
  }
  const build = await controller.api.finished(id);
  expect(build).toMatchObject({ result: 'success' });
  expect(build.jobs.map(({ result, attempt }) => `${result} ${attempt}`)).toEqual(
    Array.from({ length: 10 }, () => 'success 1'),
  );
  for (const job of build.jobs)
    expect(await controller.api.log(stepNamed({ ...build, jobs: [job] }, 'count').id)).toBe('1\n');
  const { builds } = await controller.api.get<BuildList>('/builds?limit=100');
  expect(builds.map(({ pipeline, result }) => `${pipeline} ${result}`).toSorted()).toEqual([
    'prepare tools success',
    'test success',
  ]);
  await expectNothingLeaked(controller.api, [world]);
  expect(await world.captures()).toHaveLength(1);
});
