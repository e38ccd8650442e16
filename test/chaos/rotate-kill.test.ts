import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { createKeyring, createSecrets, type Secrets } from '#controller/secrets';
import { openStore } from '#controller/store';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { createPlace, type Place } from '#test/footman';

/** Several transactions of a rotation, and enough to be met in the middle of one. */
const COUNT = 1000;
const NAMES = Array.from({ length: COUNT }, (_, index) => `SECRET_${index}`);

let place: Place;
let controller: ControllerProcess;

beforeEach(async () => {
  place = await createPlace();
  controller = await startControllerProcess({ folder: place.folder, configuration: 'clouds: {}' });
  const token = (await readFile(join(controller.data, 'admin.token'), 'utf8')).trim();
  Object.assign(place.env, { FOOTMAN_URL: controller.url, FOOTMAN_TOKEN: token });
  await controller.stop();
  await withSecrets(async (secrets) => {
    for (const name of NAMES)
      await secrets.set({ scope: 'controller', name, value: valueOf(name), debug: 'deny' });
  });
  await controller.start();
});

afterEach(async () => {
  await controller.stop();
  await place[Symbol.asyncDispose]();
});

test.each<{ when: string; isIt: (seen: Seen) => boolean }>([
  { when: 'as the new key is in the file', isIt: ({ keys }) => keys === 2 },
  { when: 'as the first secrets are sealed anew', isIt: ({ moved }) => moved > 0 },
  { when: 'half way', isIt: ({ moved }) => moved >= COUNT / 2 },
  { when: 'as the last ones are', isIt: ({ moved }) => moved === COUNT },
])('kill -9 in a rotation, $when: every secret can be read, and the next one ends it', async ({ isIt }) => {
  using database = new DatabaseSync(databaseFile(), { readOnly: true });
  const [first] = keysOf(readFileSync(keyFile(), 'utf8'));
  const look = (): Seen => lookAt(database, first ?? '');
  const rotation = place.start('secret', 'rotate');
  while (!isIt(look())) await setImmediate();
  await controller.kill();
  await rotation.ended;
  await expectAllReadable();

  await controller.start();
  expect(await place.run('secret', 'rotate')).toMatchObject({ exit: 0, err: '' });
  expect(look()).toEqual({ keys: 1, moved: COUNT });
  await controller.stop();
  await expectAllReadable();
});

interface Seen {
  /** Keys in the file. */
  keys: number;
  /** Secrets that another key has sealed than the first one. */
  moved: number;
}

function lookAt(database: DatabaseSync, first: string): Seen {
  const row = database.prepare('select count(*) as moved from secrets where key_id <> ?').get(first);
  return { keys: keysOf(readFileSync(keyFile(), 'utf8')).length, moved: Number(row?.['moved']) };
}

function keysOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(' ', 1)[0] ?? '');
}

/** By nobody but the store and the key file, as the controller's next life has them. */
async function expectAllReadable(): Promise<void> {
  await withSecrets(async (secrets) => {
    for (const name of NAMES) expect(await secrets.valueOf(['controller'], name)).toBe(valueOf(name));
  });
}

async function withSecrets(work: (secrets: Secrets) => Promise<void>): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: databaseFile() });
  await work(createSecrets({ store, clock: createSystemClock(), keyring: createKeyring(keyFile()) }));
  await store.close();
}

function valueOf(name: string): string {
  return `the value of ${name}`;
}

function databaseFile(): string {
  return join(controller.data, 'footman.db');
}

function keyFile(): string {
  return join(controller.data, 'secrets.key');
}
