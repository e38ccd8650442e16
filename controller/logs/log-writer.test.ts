import { readdir, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createLogs } from './index.ts';
import { append, ID, never, useLogs } from './test-support.ts';

const context = useLogs();

describe('appending', () => {
  test('stores what is appended, in order, and says how far', async () => {
    const writer = await context.logs.open(ID);
    const stored = await Promise.all([
      append(writer, 'one\n'),
      append(writer, 'two\n', 4),
      append(writer, 'th', 8),
    ]);
    expect(stored.at(-1)).toBe(10);
    expect(writer).toMatchObject({ stored: 10, pending: 0 });
    expect(await context.text({ offset: 0 })).toBe('one\ntwo\nth');
    expect(await context.logs.size(ID)).toEqual({ bytes: 10, lines: 3, complete: false });
  });

  test('drops what is sent again, whether stored or still waiting', async () => {
    const writer = await context.logs.open(ID);
    void append(writer, 'one\ntwo\n', 0);
    void append(writer, 'two\nthree\n', 4);
    expect(await append(writer, 'one\n', 0)).toBe(14);
    expect(await append(writer, 'one\ntwo\nthree\nfour\n', 0)).toBe(19);
    expect(await context.text({ offset: 0 })).toBe('one\ntwo\nthree\nfour\n');
  });

  test('refuses a gap, takes nothing of it, and goes on without it', async () => {
    const writer = await context.logs.open(ID);
    await append(writer, 'one\n');
    await expect(append(writer, 'late', 5)).rejects.toMatchObject({ code: 'protocol-violation' });
    expect(await append(writer, 'two\n', 4)).toBe(8);
    expect(await context.text({ offset: 0 })).toBe('one\ntwo\n');
  });

  test('refuses bytes beyond its limits', async () => {
    const small = createLogs({ folder: context.folder, limits: { pendingBytes: 8, logBytes: 12 } });
    const writer = await small.open(ID);
    const first = append(writer, '12345678');
    await expect(append(writer, '9', 8)).rejects.toMatchObject({ code: 'protocol-violation' });
    await first;
    expect(await append(writer, '9abc', 8)).toBe(12);
    await expect(append(writer, 'd', 12)).rejects.toMatchObject({ code: 'protocol-violation' });
    await small.close();
  });

  test('has one writer for a log, and the next once that is released', async () => {
    const writer = await context.logs.open(ID);
    await expect(context.logs.open(ID)).rejects.toMatchObject({ code: 'conflict' });
    void append(writer, 'one\n');
    void writer.release();
    const next = await context.logs.open(ID);
    expect(next.stored).toBe(4);
    await expect(append(writer, 'x', 4)).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  test.each(['', '..', '.', 'a/b', 'a\\b', 'a\0', 'A', '-a', 'x'.repeat(65)])(
    'refuses the name %j',
    async (part) => {
      const refused = { code: 'request-invalid' };
      await expect(context.logs.open({ ...ID, build: part })).rejects.toMatchObject(refused);
      await expect(context.logs.size({ ...ID, job: part })).rejects.toMatchObject(refused);
      await expect(context.logs.read({ ...ID, step: part }, { offset: 0 }, never)).rejects.toMatchObject(
        refused,
      );
      expect(await readdir(context.folder)).toEqual([]);
    },
  );
});

describe('finishing', () => {
  test('completes the log with what was still waiting; repeats change nothing, and nothing can be added', async () => {
    const writer = await context.logs.open(ID);
    void append(writer, 'one\ntw');
    const size = { bytes: 6, lines: 2, complete: true };
    expect(await writer.finish()).toEqual(size);
    expect(await writer.finish()).toEqual(size);
    await expect(append(writer, 'o', 6)).rejects.toMatchObject({ code: 'protocol-violation' });
    expect(await append(writer, 'one\n', 0)).toBe(6);
    await writer.release();
    expect(await context.logs.size(ID)).toEqual(size);

    const again = await context.logs.open(ID);
    expect(again).toMatchObject({ stored: 6, complete: true });
    await expect(append(again, 'o', 6)).rejects.toMatchObject({ code: 'protocol-violation' });
    expect(await again.finish()).toEqual(size);
    await again.release();
    expect((await stat(context.indexFile())).size).toBe(64);
  });

  test('completes a log that has nothing', async () => {
    const writer = await context.logs.open(ID);
    expect(await writer.finish()).toEqual({ bytes: 0, lines: 0, complete: true });
    expect(await Array.fromAsync(context.logs.follow(ID, { offset: 0 }, never))).toEqual([]);
  });
});
