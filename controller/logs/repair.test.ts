import { appendFile, readFile, truncate, unlink } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { append, ID, KIB, useLogs } from './test-support.ts';

const context = useLogs();

describe('opening what a crash left', () => {
  beforeEach(async () => {
    const writer = await context.logs.open(ID);
    for (let i = 0; i < 10; i++) await append(writer, `${i}${'.'.repeat(99 * KIB)}\n`, i * (99 * KIB + 2));
    await writer.release();
  });

  test.each([
    ['an index that is torn', async () => truncate(context.indexFile(), 32 * 7 + 5)],
    ['an index of zeros at its end', async () => appendFile(context.indexFile(), Buffer.alloc(96))],
    ['an index that is gone', async () => unlink(context.indexFile())],
    ['an index that is empty', async () => truncate(context.indexFile(), 0)],
  ])('%s is repaired', async (_, spoil) => {
    await spoil();
    expect(await context.logs.size(ID)).toMatchObject({ lines: 10, complete: false });
    const writer = await context.logs.open(ID);
    expect(writer.stored).toBe(10 * (99 * KIB + 2));
    await append(writer, 'last', writer.stored);
    expect(await writer.finish()).toMatchObject({ lines: 11 });
    for (let line = 0; line < 10; line++)
      expect((await context.text({ line, lines: 1 }))[0]).toBe(String(line));
    expect(await context.text({ tail: 1 })).toBe('last');
    const index = await readFile(context.indexFile());
    expect(index.length).toBeGreaterThanOrEqual(32 * 8);
    expect(index.includes(Buffer.alloc(32))).toBe(false);
  });

  test('records past the end of a log that lost its end are dropped, and it goes on from there', async () => {
    await truncate(context.logFile(), 250 * KIB);
    const writer = await context.logs.open(ID);
    expect(writer.stored).toBe(250 * KIB);
    expect(await context.logs.size(ID)).toMatchObject({ lines: 3 });
    await append(writer, '\nfour', writer.stored);
    expect(await context.text({ line: 3 })).toBe('four');
    await append(writer, 'x'.repeat(1000 * KIB), writer.stored);
    await writer.release();
    expect(await context.logs.size(ID)).toMatchObject({ bytes: 1250 * KIB + 5, lines: 4 });
  });

  test('a complete log that lost its end is not complete', async () => {
    const writer = await context.logs.open(ID);
    await writer.finish();
    await writer.release();
    await truncate(context.logFile(), 10);
    expect(await context.logs.size(ID)).toMatchObject({ bytes: 10, complete: false });
    expect(await context.logs.open(ID)).toMatchObject({ stored: 10, complete: false });
  });
});
