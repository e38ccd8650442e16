import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { openStore, type Store } from '#controller/store';
import { createKeyring, createSecrets, type Keyring, type Secrets } from './index.ts';

let folder: string;
let file: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footman-rotate-'));
  file = join(folder, 'secrets.key');
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(on: Store = store, keyring: Keyring = createKeyring(file)): Secrets {
  return createSecrets({ store: on, clock: createSystemClock(), keyring });
}

/** More than one batch of a rotation. */
const COUNT = 250;

async function fill(secrets: Secrets): Promise<void> {
  for (let n = 0; n < COUNT; n++) {
    await secrets.set({ scope: 'controller', name: `S${n}`, value: `value ${n}`, debug: 'deny' });
  }
}

async function expectAllReadable(): Promise<void> {
  const names = Array.from({ length: COUNT }, (_, n) => `S${n}`);
  const build = { pipeline: 'p', project_id: null, trust: 'trusted' } as const;
  const values = await open().resolve(build, names);
  expect(values).toEqual(new Map(names.map((name, n) => [name, `value ${n}`])));
}

function keysInFile(): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => !line.startsWith('#'));
}

test('everything is sealed with a new key, and the old one is forgotten', async () => {
  const secrets = open();
  await fill(secrets);
  const [old] = keysInFile();
  const { key, moved, unreadable } = await secrets.rotate();
  expect({ moved, unreadable }).toEqual({ moved: COUNT, unreadable: [] });
  expect(keysInFile()).toEqual([expect.stringContaining(`${key} `)]);
  expect(keysInFile()).not.toContain(old);
  await expectAllReadable();
});

test('without a secret it makes a key, which is the one that the first secret gets', async () => {
  const { key } = await open().rotate();
  await open().set({ scope: 'controller', name: 'A', value: 'value', debug: 'deny' });
  expect(await store.db.selectFrom('secrets').select('key_id').execute()).toEqual([{ key_id: key }]);
});

test('a controller that dies at any point of it leaves all readable, and the next rotation ends it', async () => {
  await fill(open());
  for (let deaths = 0; ; deaths++) {
    const dying = dyingAfter(deaths);
    const rotation = open(dying.store, dying.keyring).rotate();
    const hasDied = await rotation.then(
      () => false,
      () => true,
    );
    await expectAllReadable();
    if (!hasDied) {
      // Every phase had its death: the key, its becoming the current one, each batch, the end.
      expect(deaths).toBeGreaterThan(6);
      break;
    }
  }
  expect(keysInFile()).toHaveLength(1);
});

test('what is set while it runs is kept, whichever key it was going to be sealed with', async () => {
  const one = open();
  const other = open();
  await fill(one);
  await Promise.all([
    one.rotate(),
    ...Array.from({ length: 20 }, (_, n) =>
      other.set({ scope: 'project:p', name: `S${n}`, value: `late ${n}`, debug: 'deny' }),
    ),
  ]);
  await expectAllReadable();
  expect(await open().valueOf(['project:p'], 'S19')).toBe('late 19');
  expect(keysInFile()).toHaveLength(1);
});

test('what was sealed before a rotation, and comes to the store after it, is sealed anew', async () => {
  await fill(open());
  const arrived = Promise.withResolvers<void>();
  const rotated = Promise.withResolvers<void>();
  const slow: Store = {
    ...store,
    async transaction(work) {
      arrived.resolve();
      await rotated.promise;
      return store.transaction(work);
    },
  };
  const set = open(slow).set({ scope: 'project:p', name: 'LATE', value: 'late value', debug: 'deny' });
  await arrived.promise;
  await open().rotate();
  rotated.resolve();
  await set;
  expect(await open().valueOf(['project:p'], 'LATE')).toBe('late value');
});

test('of several at once one takes over, and nothing is lost', async () => {
  await fill(open());
  const ended = await Promise.allSettled([open().rotate(), open().rotate(), open().rotate()]);
  const refusals = ended.filter((end) => end.status === 'rejected').map((end) => end.reason as unknown);
  expect(refusals.length).toBeLessThan(3);
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'conflict' });
  await expectAllReadable();
  await open().rotate();
  await expectAllReadable();
  expect(keysInFile()).toHaveLength(1);
});

test('secrets of a lost key are named, and can be set again', async () => {
  await open().set({ scope: 'controller', name: 'LOST', value: 'value', debug: 'deny' });
  rmSync(file);
  const secrets = open();
  expect(await secrets.rotate()).toMatchObject({
    moved: 0,
    unreadable: [{ scope: 'controller', name: 'LOST' }],
  });
  await secrets.set({ scope: 'controller', name: 'LOST', value: 'found', debug: 'deny' });
  expect(await secrets.valueOf(['controller'], 'LOST')).toBe('found');
});

/** A controller that dies when it touches the store or the key file after so many times. */
function dyingAfter(touches: number): { store: Store; keyring: Keyring } {
  let left = touches;
  function touch(): void {
    if (left === 0) throw new Error('killed');
    left -= 1;
  }
  const keyring = createKeyring(file);
  return {
    store: {
      ...store,
      get db() {
        touch();
        return store.db;
      },
      transaction(work) {
        touch();
        return store.transaction(work);
      },
    },
    keyring: {
      ...keyring,
      add() {
        touch();
        return keyring.add();
      },
      forgetBefore(id, needed) {
        touch();
        keyring.forgetBefore(id, needed);
      },
    },
  };
}
