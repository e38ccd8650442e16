import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { createWidgetRepository, type WidgetRepository } from '#test/widget-repository';

const SECRET = 'correct horse battery staple';
const CONFIGURATION = 'clouds: { local: { kind: process, templates: { host: { labels: linux } } } }';
const PIPELINE = `
on: { push: { branches: [main] } }
jobs:
  test:
    runs-on: linux
    steps:
      - checkout: true
      - run: cat greeting; git log --format=%s
`;

let controller: EmbeddedController;
let folder: string;
let widget: WidgetRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-run-'));
  widget = await createWidgetRepository(folder);
  controller = await startEmbeddedController(CONFIGURATION);
});

afterEach(async () => {
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('a push runs: the node gets the commit from the controller, with as much history as the project wants', async () => {
  await widget.commit({ branch: 'main', files: { '.footman.yaml': PIPELINE }, message: 'First' });
  await put('/secrets/WEBHOOK', { value: SECRET, scope: 'project:widget' });
  const project = { name: 'widget', repository: widget.path, webhookSecret: 'WEBHOOK', depth: 1 };
  await controller.api.post('/projects', project);
  const after = await widget.commit({ branch: 'main', files: { greeting: 'hello\n' }, message: 'Second' });
  await hook({ ref: 'refs/heads/main', before: '0'.repeat(40), after });

  const { buildId } = await controller.api.event(
    ({ kind, data }) => kind === 'build' && data.state === 'finished',
  );
  const build = await controller.api.build(buildId ?? '');
  expect(build).toMatchObject({ state: 'finished', result: 'success' });
  const step = build.jobs[0]?.steps.at(-1);
  expect(await controller.api.log(step?.id ?? '')).toBe('hello\nSecond\n');
});

async function hook(body: unknown): Promise<void> {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', SECRET).update(text).digest('hex');
  const response = await fetch(`${controller.url}/api/v1/hooks/widget`, {
    method: 'POST',
    headers: { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${signature}` },
    body: text,
  });
  expect(response.status).toBe(202);
}

async function put(path: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${await controller.token()}` };
  const init = { method: 'PUT', headers, body: JSON.stringify(body) };
  expect((await fetch(`${controller.url}/api/v1${path}`, init)).status).toBe(200);
}
