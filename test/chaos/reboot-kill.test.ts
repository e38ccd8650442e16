import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { stepNamed } from '#test/pipelines';

/** kill -9 while a job's machine restarts: the reboot happens once, and the job goes on where it was (L8). */

let fixture: KilledController;
let marks: string;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `clouds: { lab: { kind: fake, world: ${at}, templates: { machine: { labels: vm } } } }`,
  );
  ({ world, controller } = fixture);
  marks = join(fixture.folder, 'marks');
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('before the cloud has done it, after that, and when the agent of the next boot has just come', async () => {
  await world.script(
    { on: 'reboot', at: 'before', do: 'pause', times: 1 },
    { on: 'reboot', at: 'after', do: 'pause', times: 1 },
  );
  const build = await submit(3);
  await world.paused({ call: 'reboot', edge: 'before' });
  await restart();
  await world.paused({ call: 'reboot', edge: 'after' });
  await restart();
  await rebooted(3);
  await restart();

  const finished = await controller.api.finished(build);
  expect(finished).toMatchObject({ result: 'success', jobs: [{ reason: null }] });
  expect(await readFile(marks, 'utf8')).toBe('before\n1 green kept\n2 green kept\n3 green kept\n');
  for (const n of [1, 2, 3])
    expect(await controller.api.log(stepNamed(finished, `reboot ${n}`).id)).toMatch(
      /^rebooting node \S{16}; it has 10m to come back\n(its agent is gone\n)?back after \S+, in boot \S{36}\n$/,
    );
  expect(await rebooted(3)).toBe(3);
});

test('a cancel reaches a job whose machine is down', async () => {
  await world.script({ on: 'reboot', do: 'hang' });
  const build = await submit(1);
  const { nodeId } = await controller.api.event(({ data }) => data['rebooting'] === true);
  await controller.kill();
  await world.halt(nodeId ?? '');
  await controller.start();
  await controller.api.post(`/builds/${build}/cancel`, {});
  expect((await controller.api.finished(build)).result).toBe('cancelled');
});

/** A job with so many reboots. */
async function submit(reboots: number): Promise<string> {
  const numbers = Array.from({ length: reboots }, (_, index) => index + 1);
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: vm
    steps:
      - run: echo before >> ${marks}; echo kept > file; echo COLOUR=green >> "$FOOTMAN_ENV"
${numbers
  .map(
    (n) => `      - { name: reboot ${n}, reboot: }
      - run: echo "${n} $COLOUR $(cat file)" >> ${marks}
`,
  )
  .join('')}`);
  return id;
}

async function restart(): Promise<void> {
  await controller.kill();
  await controller.start();
}

/** Resolves when so many reboots have ended, with how many have. */
async function rebooted(count: number): Promise<number> {
  let ended = 0;
  await controller.api.event(({ data }) => data['rebooting'] === false && ++ended === count);
  return ended;
}
