import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listSchedules, moveSchedule, openStore } from '#controller/store';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { startGitServer, type GitServer } from '#test/git-server';
import { processesWhere } from '#test/node-traces';
import { startStallingProxy, type StallingProxy } from '#test/stalling-proxy';
import { addWidgetProject, tellOfPush } from '#test/widget-project';
import { createWidgetRepository, type WidgetRepository } from '#test/widget-repository';

/** What has been taken is built, once, whenever the controller dies (L8). */

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';
const YEAR_MS = 365 * 24 * 3_600_000;

let folder: string;
let widget: WidgetRepository;
let server: GitServer;
let proxy: StallingProxy;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  widget = await createWidgetRepository(join(folder, 'git'));
  server = await startGitServer({ folder: join(folder, 'git') });
  proxy = await startStallingProxy(server.url);
  controller = await startControllerProcess({ folder, configuration: CLOUDS });
});

afterEach(async () => {
  await controller.stop();
  await proxy.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('kill -9 while a push is looked at', () => {
  test.each([
    {
      path: '/info/refs',
      bytes: 1,
      what: 'the webhook was answered, and nothing is known of the repository',
    },
    { path: '/git-upload-pack', bytes: 200_000, what: 'half of a pack is in the mirror' },
  ])('$what: it is built once', async ({ path, bytes }) => {
    await widget.commit({ branch: 'main', files: { '.footman.yaml': pipeline('on: push') } });
    await addProject();
    const after = await widget.commit({ branch: 'main', files: bulk() });
    const stalled = proxy.stall(path, bytes);
    expect(await tellOfPush(controller, after)).toBe(202);
    await stalled;
    await controller.kill();
    await controller.start();

    await expectOneBuild();
    // One that waits for the old connection would write into the mirror beside its successor.
    expect(await processesWhere((variable) => variable.startsWith(`GIT_DIR=${controller.data}`))).toEqual([]);
  });
});

test('kill -9 while the first copy of a repository is made: the next start cleans up and makes it whole', async () => {
  await widget.commit({ branch: 'main', files: { ...bulk(), '.footman.yaml': pipeline('on: push') } });
  const stalled = proxy.stall('/git-upload-pack', 200_000);
  const added = addProject();
  await stalled;
  await controller.kill();
  const projects = join(controller.data, 'projects');
  // What it leaves that dies a moment earlier or later.
  for (const name of ['p1.git.new', 'p2.git.old', 'bundle-1', 'credentials-1'])
    await mkdir(join(projects, name, 'refs'), { recursive: true });
  await controller.start();
  await added;
  const after = await widget.commit({ branch: 'main', files: { greeting: 'hello' } });
  expect(await tellOfPush(controller, after)).toBe(202);
  await expectOneBuild();
  expect((await readdir(projects)).filter((name) => !name.endsWith('.git'))).toEqual([]);
});

test('runs of a schedule that were missed while no controller was there are made up for by one build', async () => {
  // Not due by itself while the test runs, whenever that is.
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
  const files = { '.footman.yaml': pipeline(`on: { schedule: [{ cron: "0 3 1 ${month} *" }] }`) };
  await widget.commit({ branch: 'main', files });
  await addProject();
  await controller.kill();
  await passYears(3);
  await controller.start();
  await controller.api.event(({ kind, data }) => kind === 'build' && data.state === 'running');
  // A second life has nothing to make up for.
  await controller.kill();
  await controller.start();
  await expectOneBuild();
});

async function addProject(): Promise<void> {
  await addWidgetProject(controller, { repository: `${proxy.url}/widget.git` });
}

/** The next runs are as if the controller had been away for so long. */
async function passYears(years: number): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: join(controller.data, 'footman.db') });
  const schedules = await listSchedules(store.db);
  expect(schedules).toHaveLength(1);
  for (const row of schedules) await moveSchedule(store.db, row, { next_at: row.next_at - years * YEAR_MS });
  await store.close();
}

/** That of what came before; what comes after shows that nothing else was waiting. */
async function expectOneBuild(): Promise<void> {
  const build = await controller.api.event(({ kind, data }) => kind === 'build' && data.state === 'finished');
  expect(await controller.api.build(build.data.id)).toMatchObject({ number: 1, result: 'success' });
  const later = await controller.api.post<{ id: string; number: number }>('/projects/widget/builds', {});
  expect(later.number).toBe(2);
  await controller.api.finished(later.id);
  await controller.api.drained();
  const { deliveries } = await controller.api.get<{ deliveries: { state: string; reason: string }[] }>(
    '/projects/widget/deliveries',
  );
  expect(deliveries.filter(({ state }) => state === 'received')).toEqual([]);
}

function pipeline(on: string): string {
  return `${on}\njobs: { a: { runs-on: linux, steps: [{ checkout: true }, { run: test -f .footman.yaml }] } }\n`;
}

/** Far more than git or a socket keeps back, and nothing that git could make smaller. */
function bulk(): Record<string, string> {
  return {
    'noise/a': randomBytes(400_000).toString('base64'),
    'noise/b': randomBytes(400_000).toString('base64'),
  };
}
