import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usesOfHosts } from '#test/host-uses';
import { startKilledController, type KilledController } from '#test/killed-controller';

/** kill -9 at every edge of a static host's life: it is never used twice between two resets, and never lost (L8, L12). */

let fixture: KilledController;
let folder: string;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
sweep: { interval: 200ms, grace: 1s }
clouds:
  lab: { kind: fake, world: ${at}, templates: { machine: { labels: lab, hosts: [h1] } } }
`,
  );
  ({ folder, world, controller } = fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

test.each([
  { on: 'launch', at: 'before' },
  { on: 'launch', at: 'after' },
  { on: 'remove', at: 'before' },
  { on: 'remove', at: 'after' },
  { on: 'reset', at: 'before' },
  { on: 'reset', at: 'after' },
] as const)('in a $on, $at its effect', async ({ on, at }) => {
  await controller.api.event(({ kind, data }) => kind === 'host' && data.state === 'free');
  await world.script({ on, at, do: 'pause', times: 1 });
  const first = await submit('first');
  await world.paused({ call: on, edge: at });
  await controller.kill();
  await controller.start();
  const second = await submit('second');
  for (const build of [first, second]) expect((await controller.api.finished(build)).result).toBe('success');
  expect(await readFile(join(folder, 'marks'), 'utf8')).toBe('first\nsecond\n');
  const uses = usesOfHosts(await world.journal()).get('h1') ?? [];
  expect(uses.join(' ')).toMatch(/^reset node gone( reset)+ node( gone)?( reset)*$/);
});

async function submit(mark: string): Promise<string> {
  const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: lab, steps: [{ run: "echo ${mark} >> ${join(folder, 'marks')}" }] }
`);
  return id;
}
