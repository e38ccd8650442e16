import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { follow, FOOTMAN } from '#test/footman';
import { stepNamed } from '#test/pipelines';

/** Machines that restart in the middle of a job, under a whole controller with real agents. */

let folder: string;
let world: FakeWorldControl;
let controller: EmbeddedController;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-reboot-'));
  world = await controlFakeWorld(folder);
  controller = await startEmbeddedController(`
teardown: { max-stopped: 0 }
clouds:
  lab: { kind: fake, world: ${folder}, templates: { machine: { labels: vm } } }
  here: { kind: process, templates: { host: { labels: process } } }
`);
});

afterEach(() => world.script());

afterAll(async () => {
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('the job goes on after a reboot: files, variables, folders of programs and outputs are as they were', async () => {
  const build = await run(`
      - id: before
        run: |
          echo kept > file
          mkdir bin; printf '#!/bin/sh\\necho found' > bin/tool; chmod +x bin/tool; echo "$PWD/bin" >> "$FOOTMAN_PATH"
          { echo "COLOUR=green"; printf 'LINES<<END\\na\\nb\\nEND\\n'; } >> "$FOOTMAN_ENV"
          echo out=told >> "$FOOTMAN_OUTPUT"
          sleep 600 >/dev/null 2>&1 & echo $! > pid
      - { name: restart, id: restart, reboot: }
      - name: after
        env: { OUT: "\${{ steps.before.outputs.out }} \${{ steps.restart.outcome }}" }
        run: |
          echo "$(cat file) $COLOUR $LINES $(tool) $OUT \${FOOTMAN_BOOT_ID-none}"
          grep -qs sleep "/proc/$(cat pid)/cmdline" && echo alive || echo dead
      - { reboot: { timeout: 1m } }
      - { name: again, run: 'echo "$COLOUR $(tool)"' }`);
  expect(build).toMatchObject({ result: 'success', jobs: [{ reason: null }] });
  expect(await logOf(build, 'after')).toBe('kept green a\nb found told success none\ndead\n');
  expect(await logOf(build, 'again')).toBe('green found\n');
  expect(await logOf(build, 'restart')).toMatch(
    /^rebooting node \S{16}; it has 10m to come back\nits agent is gone\nback after [\d.]+m?s, in boot \S{36}\n$/,
  );
});

test('everybody sees that the node reboots, and until when it has to be back', async () => {
  await world.script({ on: 'reboot', do: 'pause', times: 1 });
  const id = await submit('[{ reboot: { timeout: 5m } }]');
  const pause = await world.paused({ call: 'reboot' });
  const node = await controller.api.get<{ state: string; rebootDueAt: number | null }>(
    `/nodes/${pause.node}`,
  );
  expect(node).toMatchObject({ state: 'leased', rebootDueAt: expect.any(Number) });
  const env = { ...process.env, FOOTMAN_URL: controller.url, FOOTMAN_TOKEN: await controller.token() };
  const { out } = await follow(spawn(FOOTMAN, ['nodes'], { env, stdio: ['ignore', 'pipe', 'pipe'] })).ended;
  expect(out).toMatch(new RegExp(`^${pause.node}\trebooting\tlab/machine\t`, 'm'));
  await world.continue(pause);
  expect((await controller.api.finished(id)).result).toBe('success');
  const told = (
    await controller.api.eventsUntil(
      ({ kind, data }) => kind === 'build' && data.id === id && data.state === 'finished',
    )
  )
    .filter(({ nodeId, data }) => nodeId === pause.node && 'rebooting' in data)
    .map(({ data }) => data['rebooting']);
  expect(told).toEqual([true, false]);
});

test('a cloud that is not available for a while is asked again', async () => {
  await world.script(
    { on: 'reboot', do: 'unavailable', times: 1 },
    { on: 'reboot', do: 'lose-answer', times: 1 },
  );
  expect(await run('[{ reboot: }, { run: "true" }]')).toMatchObject({ result: 'success' });
});

test('a cloud that refuses ends the job as errored, and says why', async () => {
  await world.script({ on: 'reboot', do: 'refuse', times: 1 });
  const build = await run('[{ name: restart, reboot: }, { name: never, if: always(), run: "true" }]');
  const reason = 'its machine could not be rebooted: the script refuses';
  expect(build).toMatchObject({ result: 'errored', jobs: [{ result: 'errored', reason }] });
  expect(stepNamed(build, 'restart')).toMatchObject({ result: 'errored', message: reason });
  expect(stepNamed(build, 'never')).toMatchObject({ result: 'skipped' });
});

test('a machine that does not come back ends the attempt as errored; the next one has another machine', async () => {
  await world.script({ on: 'reboot', do: 'hang', times: 1 });
  const id = await submit(
    '[{ reboot: { timeout: 1s } }, { name: done, run: echo done }]',
    'retry: { max: 1, on: errored }',
  );
  const build = await controller.api.finished(id);
  const [first, second] = build.jobs.toSorted((a, b) => a.attempt - b.attempt);
  expect(first).toMatchObject({
    result: 'errored',
    reason: 'its machine did not come back from its reboot within 1s',
    steps: [{ result: 'errored' }, { result: 'skipped' }],
  });
  expect(second).toMatchObject({ result: 'success' });
  const rebooted = (await world.journal()).filter(
    ({ event, call }) => event === 'called' && call === 'reboot',
  );
  expect(new Set(rebooted.slice(-2).map(({ node }) => node)).size).toBe(2);
  await controller.api.drained();
});

test('a job that is cancelled while its machine restarts ends at once, and its machine goes', async () => {
  await world.script({ on: 'reboot', do: 'pause', times: 1 });
  const id = await submit('[{ name: restart, reboot: }, { name: later, if: always(), run: "true" }]');
  const { node } = await world.paused({ call: 'reboot' });
  await controller.api.post(`/builds/${id}/cancel`, {});
  const build = await controller.api.finished(id);
  expect(build).toMatchObject({ result: 'cancelled', jobs: [{ result: 'cancelled' }] });
  expect(stepNamed(build, 'later')).toMatchObject({ result: 'skipped' });
  await controller.api.drained();
  expect((await world.resources()).map((resource) => resource.node)).not.toContain(node);
});

test('a step that asks a cloud for a reboot which has none fails, and says so', async () => {
  const build = await run(
    '[{ name: restart, continue-on-error: true, reboot: }, { name: again, reboot: }, { run: "true" }]',
    'process',
  );
  const sentence = "cloud here can't restart its machines";
  expect(build).toMatchObject({ result: 'failure', jobs: [{ reason: `step again: ${sentence}` }] });
  expect(stepNamed(build, 'restart')).toMatchObject({
    result: 'failure',
    message: `step restart: ${sentence}`,
  });
});

test('a machine may restart among the post steps, too', async () => {
  const id = await submit(
    '[{ run: "false" }]',
    'post: { failure: [{ reboot: }, { name: looks, run: echo looked }] }',
  );
  const build = await controller.api.finished(id);
  expect(build.result).toBe('failure');
  expect(await logOf(build, 'looks')).toBe('looked\n');
});

async function submit(steps: string, more = '', label = 'vm'): Promise<string> {
  const { id } = await controller.api.submit(
    `jobs:\n  a:\n    runs-on: ${label}\n${more === '' ? '' : `    ${more}\n`}    steps: ${steps}\n`,
  );
  return id;
}

async function run(steps: string, label?: string): Promise<BuildView> {
  return controller.api.finished(await submit(steps, '', label));
}

function logOf(build: BuildView, step: string): Promise<string> {
  return controller.api.log(stepNamed(build, step).id);
}
