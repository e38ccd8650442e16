import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { LogId } from '#controller/logs';
import { archivedBytes } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { logKeysOf } from './index.ts';
import { ARCHIVE_AFTER, ENDED, never, useArchive } from './test-support.ts';

const context = useArchive();

async function object(key: string): Promise<Buffer> {
  return buffer((await context.blobs.get(key, {}, never)).stream);
}

describe('what goes to the storage', () => {
  test('is the log of a job that ended long enough ago; nothing of it stays on the disk', async () => {
    const id = await context.addLog('one\ntwo\n');
    context.now = ENDED + ARCHIVE_AFTER - 1;
    expect(await context.archiver.run(never)).toBe(ENDED + ARCHIVE_AFTER);
    expect(await context.stored()).toEqual([]);

    context.now += 1;
    expect(await context.archiver.run(never)).toBeNull();
    const { log, index } = logKeysOf(id);
    expect(await context.stored()).toEqual([index, log]);
    expect(await context.onDisk()).toEqual([]);
    expect(await context.text(id)).toBe('one\ntwo\n');
    expect(await context.logs.size(id)).toEqual({ bytes: 8, lines: 2, complete: true });
    const bytes = (await object(log)).length + (await object(index)).length;
    expect(await archivedBytes(context.store.db, [id.step])).toEqual(new Map([[id.step, bytes]]));
  });

  test('has the index that it had on the disk', async () => {
    const id = await context.addLog('line\n'.repeat(100_000));
    const index = await readFile(`${context.folder}/logs/${id.build}/${id.job}/${id.step}.idx`);
    await archive();
    expect(await object(logKeysOf(id).index)).toEqual(index);
  });

  test('is completed where its writer was lost', async () => {
    const id = await context.addLog('half a li', { finish: false });
    await archive();
    expect(await context.logs.size(id)).toEqual({ bytes: 9, lines: 1, complete: true });
  });

  test('waits for the end of the job, and for whoever writes it', async () => {
    const running = await context.addLog('a', { jobState: 'running' });
    const written = await context.addLog('b', { finish: false });
    const writer = await context.logs.open(written);
    await archive();
    expect(await context.stored()).toEqual([]);
    expect(await context.text(running)).toBe('a');
    await writer.release();
    await archive();
    expect(await context.stored()).toContain(logKeysOf(written).log);
  });

  test('takes nothing new from whoever writes to it later, and is hidden by nothing', async () => {
    const id = await context.addLog('one\ntwo\n');
    await archive();
    const writer = await context.logs.open(id);
    expect([writer.complete, writer.stored]).toEqual([true, 8]);
    await expect(writer.append(0, 0, Buffer.from('one\n'))).resolves.toBe(8);
    await expect(writer.append(8, 0, Buffer.from('late'))).rejects.toMatchObject({
      code: 'protocol-violation',
    });
    expect(await writer.finish()).toEqual({ bytes: 8, lines: 2, complete: true });
    await writer.release();
    expect(await context.onDisk()).toEqual([]);
    expect(await context.text(id)).toBe('one\ntwo\n');
  });

  test('is nothing for a step that wrote nothing, which is looked at once', async () => {
    const id = await context.addLog('');
    await archive();
    expect(await context.stored()).toEqual([]);
    expect(await archivedBytes(context.store.db, [id.step])).toEqual(new Map([[id.step, 0]]));
    expect(await context.logs.size(id)).toEqual({ bytes: 0, lines: 0, complete: true });
    expect(await Array.fromAsync(context.logs.follow(id, { offset: 0 }, never))).toEqual([]);
  });

  test('of more logs than one look shows, all go', async () => {
    await addMany();
    await archive();
    expect(await context.stored()).toHaveLength(240);
    expect(await context.onDisk()).toEqual([]);
  });
});

describe('when the storage is away', () => {
  test('logs stay where they are, and go when it is back', async () => {
    const id = await context.addLog('one\n');
    context.failure = away;
    await archive();
    expect(await context.text(id)).toBe('one\n');
    context.failure = () => undefined;
    await archive();
    expect(await context.onDisk()).toEqual([]);
    expect(await context.text(id)).toBe('one\n');
  });

  test('it is not asked for every log, and those behind the ones that it does not take have their turn', async () => {
    const ids = await addMany();
    const [first] = ids;
    context.failure = (request) => (request.includes(`/${first?.step}.`) ? away() : undefined);
    await archive();
    expect(context.asked.length).toBeLessThan(10);
    await archive();
    expect(await context.stored()).toContain(logKeysOf(ids.at(-1) as LogId).log);
    context.failure = () => undefined;
    await archive();
    expect(await context.stored()).toHaveLength(240);
  });

  test('a log that it refuses does not hold up the others', async () => {
    context.failure = () => new FootmanError('storage-refused', 'it is full');
    const ids = [await context.addLog('a'), await context.addLog('b')];
    await archive();
    expect(context.asked.toSorted()).toEqual(ids.map((id) => `put ${logKeysOf(id).log}`));
    expect(await context.onDisk()).toHaveLength(8);
  });

  test('a reader of what is there is told', async () => {
    const id = await context.addLog('one\n');
    await archive();
    context.failure = away;
    await expect(context.text(id)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

describe('what a killed controller left', () => {
  test('files of a log that is in the storage are removed', async () => {
    const id = await context.addLog('one\n');
    await archive();
    // As if it were killed before their removal.
    await context.write(id, 'one\n');
    await context.restart();
    await archive();
    expect(await context.onDisk()).toEqual([]);
    expect(await context.text(id)).toBe('one\n');
  });

  test('a log that was taken for an empty one, and has bytes on this disk, goes to the storage yet', async () => {
    const id = await context.addLog('');
    await archive();
    await context.write(id, 'found\n');
    await context.restart();
    await archive();
    expect(await context.onDisk()).toEqual([]);
    expect(await context.text(id)).toBe('found\n');
    expect(await context.stored()).toContain(logKeysOf(id).log);
  });

  test('a log of a build that is removed meanwhile leaves no object', async () => {
    const id = await context.addLog('one\n');
    const blobs = { ...context.blobs };
    Object.assign(context.blobs, {
      async put(...call: Parameters<typeof blobs.put>) {
        await context.store.db.deleteFrom('steps').where('id', '=', id.step).execute();
        return blobs.put(...call);
      },
    });
    await archive();
    expect(await context.stored()).toEqual([]);
  });
});

function away(): FootmanError {
  return new FootmanError('storage-unavailable', 'no answer');
}

/** More than are looked at at a time. */
function addMany(): Promise<LogId[]> {
  return Promise.all(Array.from({ length: 120 }, (_, i) => context.addLog(`log ${i}`)));
}

async function archive(): Promise<void> {
  context.now = ENDED + ARCHIVE_AFTER;
  await context.archiver.run(never);
}
