import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImageExport, ImageVersion } from '#controller/api';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { expectSoundImages } from '#test/sound-images';

/** Whenever the controller dies while an image is brought, taken along or removed: the images that stay are whole, and no other is left (I2, I5). */

/** A file as the fake cloud exports images. */
const FILE = JSON.stringify({ kind: 'footman-fake-image', content: 'all that is installed\n' });

let fixture: KilledController;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 0 }
images: { capture-timeout: 3s }
clouds:
  lab: { kind: fake, world: ${at}, templates: { based: { labels: based, stream: base } } }
`,
  );
  ({ world, controller } = fixture);
  const version = await imported();
  await controller.api.post(`/images/versions/${version}/promote`, {});
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('kill -9 in an import: it is none, what is left of it goes, and the next one is whole', async () => {
  await world.script({ on: 'import-image', at: 'after', do: 'pause', times: 1 });
  const broken = send().catch(() => 'gone');
  await world.paused({ call: 'import-image' });
  await controller.kill();
  expect(await broken).toBe('gone');
  await controller.start();
  expect(await imported()).toBe('base-3.lab');
  await moved('base-2.lab', 'deleted');
  expect(await versionOf('base-2.lab')).toMatchObject({ reason: 'its import was cut short' });
  expect((await world.captures()).map(({ name }) => name).toSorted()).toEqual(['base-1.lab', 'base-3.lab']);
  await expectSound();
});

test('kill -9 in an export: the next one is whole, and the only one', async () => {
  await world.script({ on: 'export-image', at: 'after', do: 'pause', times: 1 });
  const broken = exported().catch(() => 'gone');
  await world.paused({ call: 'export-image' });
  await controller.kill();
  expect(await broken).toBe('gone');
  await controller.start();
  const { url, sha256 } = await exported();
  expect(sha256).toBe(createHash('sha256').update(FILE).digest('hex'));
  expect(await (await fetch(controller.url + url)).text()).toBe(FILE);
  const files = await readdir(controller.data, { recursive: true });
  expect(files.filter((path) => basename(path).startsWith('base-1.lab.json~'))).toHaveLength(1);
  await expectSound();
});

test.each(['before', 'after'] as const)(
  'kill -9 %s the removal of an image: it goes, and the others stay',
  async (at) => {
    const second = await imported();
    await controller.api.drained();
    await world.script({ on: 'remove-image', at, do: 'pause', times: 1 });
    await call('DELETE', `/images/versions/${second}`);
    await world.paused({ call: 'remove-image' });
    await controller.kill();
    await controller.start();
    await moved(second, 'deleted');
    expect((await world.captures()).map(({ name }) => name)).toEqual(['base-1.lab']);
    await expectSound();
  },
);

/** The name of the version that was made of the file, once it is verified. */
async function imported(): Promise<string> {
  const { name } = (await (await send()).json()) as ImageVersion;
  await moved(name, 'ready');
  return name;
}

function send(): Promise<Response> {
  return call('POST', '/images/import?stream=base&cloud=lab&template=based', FILE);
}

function exported(): Promise<ImageExport> {
  return controller.api.post('/images/versions/base-1.lab/export', {});
}

async function moved(name: string, state: string): Promise<void> {
  await controller.api.event(
    ({ kind, data }) => kind === 'image' && data['name'] === name && data.state === state,
  );
}

function versionOf(name: string): Promise<ImageVersion> {
  return controller.api.get(`/images/versions/${name}`);
}

async function call(method: string, path: string, body?: string): Promise<Response> {
  const token = (await readFile(join(controller.data, 'admin.token'), 'utf8')).trim();
  const response = await fetch(`${controller.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    ...(body !== undefined && { body }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

function expectSound(): Promise<void> {
  const worlds = [world];
  return expectSoundImages({
    api: controller.api,
    worlds,
    stream: 'base',
    label: 'based',
    holds: 'installed',
  });
}
