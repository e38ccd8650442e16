import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlFakeWorld } from '#test/fake-world';
import { createPlace } from '#test/footman';

test('a command that only asks, and has to start a controller for that, launches nothing for pools', async () => {
  await using place = await createPlace();
  const folder = join(place.folder, 'world');
  const world = await controlFakeWorld(folder);
  await place.write(
    'footman.yaml',
    `clouds:
  lab: { kind: fake, world: ${folder}, templates: { small: { labels: small, min-ready: 1 } } }
`,
  );
  expect(await place.run('clouds')).toMatchObject({ exit: 0, out: expect.stringMatching(/^lab\/small\t/) });
  expect(await place.run('doctor')).toMatchObject({ exit: 0 });
  const calls = (await world.journal()).map(({ call }) => call);
  expect(calls).toContain('list');
  expect(calls).not.toContain('launch');
});
