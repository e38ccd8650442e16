import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '#controller/store';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { startGitServer, type GitServer } from '#test/git-server';
import { startStatusProvider, type StatusProvider } from '#test/status-provider';
import { addWidgetProject, tellOfPush } from '#test/widget-project';
import { createWidgetRepository } from '#test/widget-repository';

/** A provider is told how a build ended, and that last, whenever the controller dies. */

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';
/** Longer than whoever tells something keeps others from it. */
const AWAY_MS = 120_000;

let folder: string;
let git: GitServer;
let provider: StatusProvider;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  git = await startGitServer({ folder });
  provider = await startStatusProvider();
  controller = await startControllerProcess({ folder, configuration: CLOUDS });
});

afterEach(async () => {
  await controller.stop();
  await provider.close();
  await git.stop();
  await rm(folder, { recursive: true, force: true });
});

test('kill -9 while it is told that a build runs: what is told last is how it ended', async () => {
  const gate = join(folder, 'gate');
  provider.script({ status: 201 }, 'hang');
  await pushTo(gate);
  await provider.received(2);
  await controller.kill();
  await writeFile(gate, '');
  await passAway();
  await controller.start();
  await told('success');
  await expectAllTold();
});

test('kill -9 while it is told how a build ended: it is told so again', async () => {
  const gate = join(folder, 'gate');
  await pushTo(gate);
  await told('pending', 'build 1 runs');
  provider.script('hang');
  await writeFile(gate, '');
  await told('success');
  await controller.kill();
  await passAway();
  const before = provider.requests.length;
  await controller.start();
  await provider.received(before + 1);
  await expectAllTold();
});

async function pushTo(gate: string): Promise<void> {
  const widget = await createWidgetRepository(join(folder, 'acme'));
  const work = `until [ -e ${gate} ]; do sleep 0.05; done`;
  const pipeline = `on: push\njobs: { a: { runs-on: linux, steps: [{ run: "${work}" }] } }\n`;
  await widget.commit({ branch: 'main', files: { a: '1' } });
  await controller.api.put('/secrets/TOKEN', { value: 'ghp_abcdefgh12345678' });
  const repository = `${git.url}/acme/widget.git`;
  await addWidgetProject(controller, { repository, apiUrl: provider.url, tokenSecret: 'TOKEN' });
  const after = await widget.commit({ branch: 'main', files: { '.footman.yaml': pipeline } });
  expect(await tellOfPush(controller, after)).toBe(202);
}

async function told(state: string, description?: string): Promise<void> {
  const isTold = () =>
    provider.requests.some(
      ({ body }) => body['state'] === state && (description ?? body['description']) === body['description'],
    );
  while (!isTold()) await provider.received(provider.requests.length + 1);
}

/** What waited for its time is as if the controller had been away for long. */
async function passAway(): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: join(controller.data, 'footman.db') });
  const { numUpdatedRows } = await store.db
    .updateTable('commit_statuses')
    .set((row) => ({ due_at: row('due_at', '-', AWAY_MS) }))
    .where('due_at', 'is not', null)
    .executeTakeFirst();
  await store.close();
  expect(numUpdatedRows).toBe(1n);
}

/** A stop in good order waits for those who tell. */
async function expectAllTold(): Promise<void> {
  await controller.api.drained();
  await controller.stop();
  expect(provider.requests.at(-1)?.body).toMatchObject({ state: 'success' });
  await controller.start();
  const { statuses } = await controller.api.get<{ statuses: unknown[] }>('/projects/widget/statuses');
  expect(statuses).toMatchObject([{ state: 'success', told: 'success', nextTryAt: null }]);
}
