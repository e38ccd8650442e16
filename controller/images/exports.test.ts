import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { versionsOfStream } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { createExports, moveVersion, retireVersion, type Exports } from './index.ts';
import { openShelf, type Shelf } from './shelf.test-support.ts';

const never = new AbortController().signal;
const TARGET = { stream: 'base', cloud: 'local', template: 'host' };

let shelf: Shelf;
let exports: Exports;

beforeEach(async () => {
  shelf = await openShelf();
  exports = createExports(shelf);
});

afterEach(() => shelf[Symbol.asyncDispose]());

describe('an export', () => {
  test('is a file in the blob store, with its size and its digest', async () => {
    const version = await shelf.put();
    const file = await exports.export(version.id, never);
    expect(file).toEqual({
      blob: `images/${version.id}/base-1.local.tar`,
      bytes: version.name.length,
      sha256: createHash('sha256').update(version.name).digest('hex'),
      fileName: 'base-1.local.tar',
    });
    expect(await read(file.blob)).toBe(version.name);
  });

  test('is made once, also when many ask at the same time', async () => {
    const version = await shelf.put();
    const made = counted();
    const files = await Promise.all([1, 2, 3].map(() => exports.export(version.id, never)));
    files.push(await createExports(shelf).export(version.id, never));
    expect(new Set(files.map((file) => JSON.stringify(file))).size).toBe(1);
    expect(made.count).toBe(1);
  });

  test('that breaks leaves nothing, and the next one is whole', async () => {
    const version = await shelf.put();
    const works = shelf.cloud.export;
    shelf.cloud.export = async () => ({ content: Readable.from(broken()), suffix: '.tar' });
    await expect(exports.export(version.id, never)).rejects.toThrow('cut off');
    expect(await keys()).toEqual([]);
    shelf.cloud.export = works;
    const { blob } = await exports.export(version.id, never);
    expect(await read(blob)).toBe(version.name);
  });

  test('whose controller died before it was whole is made anew', async () => {
    const version = await shelf.put();
    await shelf.blobs.put(`images/${version.id}/base-1.local.tar`, Buffer.from('half'), {}, never);
    const { blob, bytes } = await exports.export(version.id, never);
    expect(await read(blob)).toBe(version.name);
    expect(bytes).toBe(version.name.length);
  });

  test('ends when its caller has given up, and others go on', async () => {
    const version = await shelf.put();
    const held = Promise.withResolvers<void>();
    const works = shelf.cloud.export;
    shelf.cloud.export = async (name, signal) => {
      await held.promise;
      signal.throwIfAborted();
      return works(name, signal);
    };
    const leaving = new AbortController();
    const first = exports.export(version.id, leaving.signal);
    const second = exports.export(version.id, never);
    leaving.abort(new Error('it is gone'));
    held.resolve();
    await expect(first).rejects.toThrow('it is gone');
    expect((await second).bytes).toBe(version.name.length);
  });

  test('of a version that goes meanwhile leaves nothing', async () => {
    const version = await shelf.put();
    const works = shelf.cloud.export;
    shelf.cloud.export = async (name, signal) => {
      await shelf.journal.commit((tx) => retireVersion(tx, version.id, 'nobody needs it'));
      await shelf.journal.commit((tx) => moveVersion(tx, version.id, ['retired'], 'deleting'));
      return works(name, signal);
    };
    await expect(exports.export(version.id, never)).rejects.toMatchObject({ code: 'conflict' });
    expect(await keys()).toEqual([]);
  });

  test('is refused for a version that has no image', async () => {
    const failed = await shelf.put({ state: 'failed' });
    await expect(exports.export(failed.id, never)).rejects.toMatchObject({ code: 'conflict' });
    await expect(exports.export('none', never)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('an import', () => {
  test('becomes the next version, to be verified, and promoted by somebody', async () => {
    const known = await shelf.put();
    await shelf.patch('base', { keep: 7, refresh_after_ms: 1000 });
    const version = await exports.import(TARGET, Readable.from([Buffer.from('a disk')]), never);
    expect(version).toMatchObject({
      state: 'candidate',
      number: known.number + 1,
      template: 'host',
      promotion: { how: 'manual' },
      verify: [],
      bytes: 100,
      captured_at: shelf.clock.now(),
    });
    expect(shelf.images.get(version.name)?.content.toString()).toBe('a disk');
    expect(await shelf.stream('base')).toMatchObject({ current: null, keep: 7, refresh_after_ms: 1000 });
  });

  test('that the cloud refuses has failed, says why, and nothing of its content is awaited', async () => {
    shelf.cloud.import = () => Promise.reject(new FootmanError('cloud-refused', 'it is no image'));
    const content = Readable.from([Buffer.from('a song')]);
    await expect(exports.import(TARGET, content, never)).rejects.toThrow('it is no image');
    const [version] = await versionsOfStream(shelf.store.db, { name: 'base', cloud: 'local' });
    expect(version).toMatchObject({ state: 'failed', reason: 'its import failed: it is no image' });
    expect(content.destroyed).toBe(true);
  });

  test('is refused for a template that is not there, before there is a version', async () => {
    const content = Readable.from([]);
    await expect(exports.import({ ...TARGET, template: 'none' }, content, never)).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no template local/none',
    });
    expect(await shelf.stream('base')).toBeUndefined();
  });

  test('that was given up meanwhile is no candidate', async () => {
    shelf.cloud.import = async () => {
      const [version] = await versionsOfStream(shelf.store.db, { name: 'base', cloud: 'local' });
      if (version !== undefined) await giveUp(version.id);
      return { image: 'i', bytes: 1, digest: 'd' };
    };
    await expect(exports.import(TARGET, Readable.from([]), never)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

async function giveUp(id: string): Promise<void> {
  await shelf.journal.commit((tx) => moveVersion(tx, id, ['capturing'], 'failed'));
}

function counted(): { count: number } {
  const made = { count: 0 };
  const works = shelf.cloud.export;
  shelf.cloud.export = (name, signal) => {
    made.count += 1;
    return works(name, signal);
  };
  return made;
}

async function* broken(): AsyncIterable<Buffer> {
  yield Buffer.from('half');
  throw new Error('cut off');
}

async function read(blob: string): Promise<string> {
  const { stream } = await shelf.blobs.get(blob, {}, never);
  return text(stream);
}

async function keys(): Promise<string[]> {
  return (await Array.fromAsync(shelf.blobs.list('images/', never))).map(({ key }) => key);
}
