import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { openStore, type Store } from '#controller/store';
import { createKeyring, createSecrets, type NewSecret, type Secrets } from './index.ts';

let folder: string;
let file: string;
let store: Store;
let secrets: Secrets;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footman-secrets-'));
  file = join(folder, 'secrets.key');
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  secrets = open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a controller has them that was just started. */
function open({ on = store, keys = file } = {}): Secrets {
  return createSecrets({ store: on, clock: createSystemClock(), keyring: createKeyring(keys) });
}

function secret(change: Partial<NewSecret> = {}): NewSecret {
  return { scope: 'controller', name: 'TOKEN', value: 'hunter2', debug: 'deny', ...change };
}

const BUILD = { pipeline: 'ceph', project_id: null, trust: 'trusted' } as const;

async function addProject(name: string): Promise<string> {
  const row = { id: `id-${name}`, name, provider: 'git', repository: '/r', default_branch: 'main' } as const;
  await store.db
    .insertInto('projects')
    .values({ ...row, pipelines: [], share: 1, created_at: 1 })
    .execute();
  return row.id;
}

function keyIds(): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' ')[0] ?? '');
}

describe('a secret', () => {
  test('is resolved by its name, and comes back as it was given', async () => {
    const value = ' "quoted" \\ ünïcödé 🗝\n second line\n';
    await secrets.set(secret({ value }));
    expect(await secrets.resolve(BUILD, ['TOKEN'])).toEqual(new Map([['TOKEN', value]]));
  });

  test('that is not there, or was removed, is not resolved', async () => {
    await secrets.set(secret());
    expect(await secrets.remove(secret())).toMatchObject({ name: 'TOKEN' });
    expect(await secrets.remove(secret())).toBeUndefined();
    expect(await secrets.resolve(BUILD, ['TOKEN', 'OTHER'])).toEqual(new Map());
  });

  test('takes the place of the one before', async () => {
    await secrets.set(secret({ debug: 'allow' }));
    await secrets.set(secret({ value: 'correct horse' }));
    expect(await secrets.list()).toEqual([expect.objectContaining({ name: 'TOKEN', debug: 'deny' })]);
    expect((await secrets.resolve(BUILD, ['TOKEN'])).get('TOKEN')).toBe('correct horse');
  });

  test('is listed without its value, which is nowhere in the store in plain', async () => {
    const info = await secrets.set(secret({ value: 'correct horse' }));
    const rows = await store.db.selectFrom('secrets').selectAll().execute();
    const seen = JSON.stringify([info, await secrets.list(), rows]);
    expect(seen).toContain('TOKEN');
    for (const form of ['correct horse', Buffer.from('correct horse').toString('base64')]) {
      expect(seen).not.toContain(form);
    }
  });

  test.each([
    ['scope', { scope: 'project:other', name: 'TOKEN' }],
    ['name', { scope: 'controller', name: 'OTHER' }],
  ])('can not be read under another %s, to which somebody moved its row', async (_, place) => {
    await secrets.set(secret());
    await store.db.updateTable('secrets').set(place).execute();
    const refused = secrets.valueOf([place.scope], place.name);
    await expect(refused).rejects.toMatchObject({ code: 'secret-unreadable' });
  });

  test('is sealed anew each time: equal values do not look alike', async () => {
    await secrets.set(secret());
    await secrets.set(secret({ name: 'SAME' }));
    const rows = await store.db.selectFrom('secrets').select('sealed').execute();
    expect(new Set(rows.map(({ sealed }) => sealed)).size).toBe(2);
  });
});

describe('what is refused, without a word of the value', () => {
  test.each<[string, Partial<NewSecret>, string]>([
    ['three characters', { value: 'abc' }, 'fewer than 4 characters'],
    ['blanks around three characters', { value: '  abc \n' }, 'fewer than 4 characters'],
    ['NUL', { value: 'hunter2\0' }, 'NUL'],
    ['half a character', { value: 'hunter2\ud800' }, 'Unicode'],
    ['more than 64 KiB', { value: 'ü'.repeat(32 * 1024) + 'x' }, 'larger than 64 KiB'],
    ['a name that is none', { name: 'MY-TOKEN' }, 'environment variable'],
    ['a name with a digit first', { name: '2FA' }, 'environment variable'],
    ['a long name', { name: 'A'.repeat(101) }, 'environment variable'],
    ["Footman's own name", { name: 'FOOTMAN_TOKEN' }, "Footman's own"],
    ['a scope that is none', { scope: 'global' }, 'no scope'],
    ['a scope without a name', { scope: 'project:' }, 'no scope'],
    ['a scope of two lines', { scope: 'project:a\nTOKEN' }, 'no scope'],
    ['a project with a slash', { scope: 'project:a/b' }, 'no scope'],
  ])('%s', async (_, change, sentence) => {
    const refused = secrets.set(secret(change));
    await expect(refused).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.not.toThrow(/hunter2/);
    expect(await secrets.list()).toEqual([]);
  });

  test('the limits themselves are good', async () => {
    await secrets.set(secret({ name: 'A'.repeat(100), value: 'abcd' }));
    await secrets.set(secret({ value: 'x'.repeat(64 * 1024) }));
    expect(await secrets.list()).toHaveLength(2);
  });
});

describe('scopes', () => {
  test('the nearest wins: pipeline, project, controller', async () => {
    const build = { ...BUILD, project_id: await addProject('storage') };
    const names = ['A', 'B', 'C'];
    for (const name of names) await secrets.set(secret({ name, value: 'of the controller' }));
    for (const name of ['A', 'B']) {
      await secrets.set(secret({ scope: 'project:storage', name, value: 'of the project' }));
    }
    await secrets.set(secret({ scope: 'pipeline:storage/ceph', name: 'A', value: 'of the pipeline' }));
    expect(Object.fromEntries(await secrets.resolve(build, names))).toEqual({
      A: 'of the pipeline',
      B: 'of the project',
      C: 'of the controller',
    });
  });

  test('a build gets nothing of other projects and pipelines', async () => {
    const build = { ...BUILD, project_id: await addProject('storage') };
    const foreign = [
      'project:other',
      'project:ceph',
      'pipeline:storage',
      'pipeline:ceph',
      'pipeline:other/ceph',
    ];
    for (const scope of foreign) await secrets.set(secret({ scope }));
    expect(await secrets.resolve(build, ['TOKEN'])).toEqual(new Map());
  });

  test('a pipeline without a project has its own, and never passes for one of a project', async () => {
    await secrets.set(secret({ scope: 'pipeline:ceph' }));
    await secrets.set(secret({ scope: 'pipeline:storage/ceph', name: 'THEIRS' }));
    expect(await secrets.resolve(BUILD, ['TOKEN'])).toEqual(new Map([['TOKEN', 'hunter2']]));
    expect(await secrets.resolve({ ...BUILD, pipeline: 'storage/ceph' }, ['THEIRS'])).toEqual(new Map());
  });

  test('a build whose project was removed is not taken for one without a project', async () => {
    await secrets.set(secret({ scope: 'pipeline:ceph', value: 'of the pipeline' }));
    expect(await secrets.resolve({ ...BUILD, project_id: 'gone' }, ['TOKEN'])).toEqual(new Map());
    await secrets.set(secret({ value: 'for all' }));
    expect(await secrets.resolve({ ...BUILD, project_id: 'gone' }, ['TOKEN'])).toEqual(
      new Map([['TOKEN', 'for all']]),
    );
  });

  test('a build from a fork gets none at all', async () => {
    await secrets.set(secret());
    await secrets.set(secret({ scope: 'pipeline:ceph' }));
    expect(await secrets.resolve({ ...BUILD, trust: 'fork' }, ['TOKEN'])).toEqual(new Map());
  });

  test('who names the scopes gets the value of the first that has one', async () => {
    await secrets.set(secret({ value: 'of the controller' }));
    await secrets.set(secret({ scope: 'project:p', value: 'of the project' }));
    expect(await secrets.valueOf(['project:p', 'controller'], 'TOKEN')).toBe('of the project');
    expect(await secrets.valueOf(['project:q', 'controller'], 'TOKEN')).toBe('of the controller');
    expect(await secrets.valueOf(['project:q'], 'TOKEN')).toBeUndefined();
  });
});

describe('the key file', () => {
  test("is made when it is first needed, for the owner's eyes only", async () => {
    await secrets.list();
    expect(() => statSync(file)).toThrow('ENOENT');
    await secrets.set(secret());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(keyIds()).toHaveLength(1);
  });

  test('is read once more for a key that another controller has put there', async () => {
    const other = open();
    await other.set(secret());
    expect(await secrets.valueOf(['controller'], 'TOKEN')).toBe('hunter2');
    await other.rotate();
    expect(await secrets.valueOf(['controller'], 'TOKEN')).toBe('hunter2');
    await secrets.set(secret({ name: 'NEW', value: 'sealed with the new key' }));
    expect(await open().valueOf(['controller'], 'NEW')).toBe('sealed with the new key');
  });

  test('of another store is no good, and is not made in the place of the one that is missing', async () => {
    await secrets.set(secret());
    const elsewhere = join(folder, 'elsewhere.key');
    const lost = open({ keys: elsewhere });
    const unreadable = { code: 'secret-unreadable', message: expect.stringContaining(elsewhere) };
    await expect(lost.valueOf(['controller'], 'TOKEN')).rejects.toMatchObject(unreadable);
    await expect(lost.set(secret())).rejects.toMatchObject(unreadable);
    expect(() => statSync(elsewhere)).toThrow('ENOENT');
  });

  test.each([
    ['that is no key file', 'hunter2 is my key\n'],
    ['that is empty', ''],
    ['with half a key', `1a ${Buffer.alloc(16).toString('base64url')}\n`],
  ])('%s is told, but not what stands in it', async (_, content) => {
    writeFileSync(file, content);
    const refused = secrets.set(secret({ value: 'correct horse' }));
    await expect(refused).rejects.toMatchObject({ code: 'configuration-invalid' });
    await expect(refused).rejects.not.toThrow(/hunter2|AAAA/);
  });

  test('in a place that can not be written is told', async () => {
    writeFileSync(join(folder, 'file'), '');
    const keys = join(folder, 'file', 'secrets.key');
    await expect(open({ keys }).set(secret())).rejects.toMatchObject({ code: 'configuration-invalid' });
  });
});
