import { describe, expect, test } from 'vitest';
import type { LogId, LogRange } from '#controller/logs';
import { logKeysOf } from './index.ts';
import { ARCHIVE_AFTER, ENDED, never, useArchive } from './test-support.ts';

const context = useArchive();

const LINES = 40_000;
const all = Array.from({ length: LINES }, (_, i) => `line ${i} ${'.'.repeat(i % 60)}\n`);
const whole = all.join('').slice(0, -1);

describe('a log in the storage is read as on the disk:', () => {
  test.each<LogRange>([
    { line: 0, lines: 1 },
    { line: 17_777, lines: 3 },
    { line: LINES - 1 },
    { line: LINES * 2 },
    { tail: 3 },
    { tail: 0 },
    { offset: 1_000_003, length: 300_000 },
    { offset: whole.length + 5 },
    { since: ENDED + 8000 },
    { since: 0 },
  ])('%j', async (range) => {
    const id = await context.addLog(whole);
    const before = await read(id, range);
    await archive();
    expect(await context.onDisk()).toEqual([]);
    expect(await read(id, range)).toEqual(before);
  });

  test('all of it, and what is looked for in it', async () => {
    const id = await context.addLog(whole);
    const search = { text: 'line 39999', ignoreCase: false, limit: 10 };
    const found = await context.logs.search(id, { offset: 0 }, search, never);
    await archive();
    expect(await context.text(id)).toBe(whole);
    expect(await context.logs.search(id, { offset: 0 }, search, never)).toEqual(found);
    expect(found.matches).toHaveLength(1);
  });

  test('by whoever began before it went', async () => {
    const id = await context.addLog(whole);
    const slice = await context.logs.read(id, { line: 1000 }, never);
    const follower = context.logs.follow(id, { offset: 0 }, never)[Symbol.asyncIterator]();
    const pieces = [(await follower.next()).value];
    await archive();
    expect(await context.onDisk()).toEqual([]);
    for (let next = await follower.next(); next.done !== true; next = await follower.next())
      pieces.push(next.value);
    expect(Buffer.concat(pieces).toString()).toBe(whole);
    expect(await joined(slice.content)).toBe(whole.slice(slice.offset));
  });

  test('by whoever waits for its end, which is now', async () => {
    const id = await context.addLog('half a li', { finish: false });
    const follower = context.logs.follow(id, { offset: 0 }, never)[Symbol.asyncIterator]();
    expect(String((await follower.next()).value)).toBe('half a li');
    const end = follower.next();
    await archive();
    expect((await end).done).toBe(true);
  });
});

test('what is in between is not asked for: a line costs the index, the table and a frame, and the next one a frame', async () => {
  const id = await context.addLog(`${whole}\n`.repeat(8));
  await archive();
  const { log, index } = logKeysOf(id);
  context.asked.length = 0;
  expect(await read(id, { line: 3 * LINES + 5, lines: 1 })).toMatchObject({ text: all[5] });
  const [first, ...others] = context.asked;
  expect(first).toBe(`get ${index}`);
  expect(others.every((request) => request.startsWith(`get ${log} `))).toBe(true);
  expect(others.length).toBeLessThanOrEqual(4);

  context.asked.length = 0;
  await read(id, { tail: 1 });
  expect(context.asked.length).toBeLessThanOrEqual(2);
  for (const request of context.asked) expect(Number(request.split('+')[1])).toBeLessThan(256 * 1024);
});

describe('what the storage has lost or spoilt', () => {
  test('is told', async () => {
    const id = await context.addLog(whole);
    await archive();
    await context.blobs.remove(logKeysOf(id).log, never);
    await expect(context.text(id)).rejects.toMatchObject({
      code: 'not-found',
      message: `the log of step ${id.step} is not in the storage any more`,
    });
  });

  test.each(['log', 'index'] as const)('is nobody’s mistake: the %s', async (which) => {
    const id = await context.addLog(whole);
    await archive();
    await context.blobs.put(logKeysOf(id)[which], Buffer.alloc(5000, 'x'), {}, never);
    await expect(context.text(id)).rejects.toMatchObject({ code: 'internal' });
  });
});

async function read(id: LogId, range: LogRange) {
  const { offset, end, line, size, content } = await context.logs.read(id, range, never);
  return { offset, end, line, size, text: await joined(content) };
}

async function joined(content: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(content)).toString();
}

async function archive(): Promise<void> {
  context.now = ENDED + ARCHIVE_AFTER;
  await context.archiver.run(never);
}
