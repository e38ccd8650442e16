import { appendFile, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ID, joined, KIB, never, useLogs } from './test-support.ts';

const context = useLogs();

describe('reading', () => {
  const LINES = 50_000;
  const all = Array.from({ length: LINES }, (_, i) => `line ${i} ${'.'.repeat(i % 60)}\n`);
  const whole = all.join('');

  beforeEach(async () => {
    const writer = await context.logs.open(ID);
    const bytes = Buffer.from(whole.slice(0, -1));
    for (let offset = 0, time = 1000; offset < bytes.length; offset += 10_007, time += 10) {
      await writer.append(offset, time, bytes.subarray(offset, offset + 10_007));
    }
    await writer.finish();
    await writer.release();
  });

  test.each([0, 1, 2, 777, 25_000, LINES - 2, LINES - 1])('line %i is found', async (line) => {
    const slice = await context.logs.read(ID, { line, lines: 1 }, never);
    expect(slice).toMatchObject({ line, size: { lines: LINES } });
    expect(await joined(slice.content)).toBe(line === LINES - 1 ? all[line]?.trimEnd() : all[line]);
  });

  test('lines that the log does not have are left out', async () => {
    expect(await context.text({ line: LINES - 1, lines: 10 })).toBe(all.at(-1)?.trimEnd());
    expect(await context.logs.read(ID, { line: LINES }, never)).toMatchObject({
      line: LINES,
      offset: whole.length - 1,
    });
    expect(await context.text({ line: LINES * 2, lines: 1 })).toBe('');
  });

  test('the tail is the last lines, an unfinished one included', async () => {
    expect(await context.text({ tail: 3 })).toBe(all.slice(-3).join('').slice(0, -1));
    expect(await context.text({ tail: 0 })).toBe('');
    expect(await context.text({ tail: LINES * 2 })).toBe(whole.slice(0, -1));
  });

  test('bytes are given with the line that they start in', async () => {
    const offset = 1_234_567;
    const slice = await context.logs.read(ID, { offset, length: 100_000 }, never);
    expect(slice).toMatchObject({ offset, end: offset + 100_000 });
    expect(slice.line).toBe(whole.slice(0, offset).split('\n').length - 1);
    expect(await joined(slice.content)).toBe(whole.slice(offset, offset + 100_000));
    expect(await context.text({ offset: whole.length + 5 })).toBe('');
  });

  test('a time gives all that came since, and hardly more', async () => {
    const frame = 100;
    const slice = await context.logs.read(ID, { since: 1000 + frame * 10 }, never);
    expect(slice.offset).toBeLessThanOrEqual(frame * 10_007);
    expect(slice.offset).toBeGreaterThan(frame * 10_007 - 80 * KIB);
    expect(whole[slice.offset - 1]).toBe('\n');
    expect(await context.logs.read(ID, { since: 0 }, never)).toMatchObject({ offset: 0, line: 0 });
  });

  test('a spoilt record in the index costs time, not truth', async () => {
    const index = await readFile(context.indexFile());
    for (let at = 0; at < index.length; at += 96) index[at] = 0xee;
    await rm(context.indexFile());
    await appendFile(context.indexFile(), index);
    for (const line of [1, 777, 25_000, LINES - 2])
      expect(await context.text({ line, lines: 1 })).toBe(all[line]);
  });

  test('the index is small, and finished logs keep no files open', async () => {
    expect((await stat(context.indexFile())).size).toBeLessThan(32 * (whole.length / (64 * KIB) + 2));
    await context.logs.read(ID, { tail: 10 }, never);
    const open = await readdir('/proc/self/fd');
    const targets = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    expect(targets.filter((target) => target.startsWith(context.folder))).toEqual([]);
  });
});

test('a log that nobody wrote is empty', async () => {
  expect(await context.logs.size(ID)).toEqual({ bytes: 0, lines: 0, complete: false });
  expect(await context.logs.read(ID, { tail: 10 }, never)).toMatchObject({ offset: 0, end: 0, line: 0 });
  expect(await context.text({ line: 3, lines: 1 })).toBe('');
});

test('a clock that goes back does not spoil the index', async () => {
  const writer = await context.logs.open(ID);
  const line = Buffer.from(`${'x'.repeat(70 * KIB)}\n`);
  for (const [i, time] of [5000, 9000, 100, 200, 12_000].entries())
    await writer.append(i * line.length, time, line);
  expect((await context.logs.read(ID, { since: 10_000 }, never)).line).toBe(3);
  expect((await context.logs.read(ID, { since: 8000 }, never)).line).toBe(0);
});
