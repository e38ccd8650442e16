import { describe, expect, test } from 'vitest';
import { createLogs } from './index.ts';
import { append, ID, joined, KIB, never, useLogs } from './test-support.ts';

const context = useLogs();

describe('following', () => {
  test('gives what is there, then what comes, and ends with the log', async () => {
    const writer = await context.logs.open(ID);
    await append(writer, 'one\ntwo\n');
    const reader = context.logs.follow(ID, { offset: 4 }, never)[Symbol.asyncIterator]();
    expect(await next(reader)).toBe('two\n');
    const waiting = next(reader);
    await append(writer, 'three\n', 8);
    expect(await waiting).toBe('three\n');
    const end = next(reader);
    await writer.finish();
    expect(await end).toBeUndefined();
  });

  test('waits for a log that is not there yet, and over a change of writers', async () => {
    const reader = context.logs.follow(ID, { offset: 0 }, never)[Symbol.asyncIterator]();
    const first = next(reader);
    const writer = await context.logs.open(ID);
    await append(writer, 'one\n');
    expect(await first).toBe('one\n');
    const second = next(reader);
    await writer.release();
    const other = await context.logs.open(ID);
    await append(other, 'two\n', 4);
    expect(await second).toBe('two\n');
    await other.finish();
    expect(await next(reader)).toBeUndefined();
  });

  test('a complete log is given to its end, by another process too', async () => {
    const writer = await context.logs.open(ID);
    await append(writer, 'one\n');
    await writer.finish();
    await writer.release();
    const others = createLogs({ folder: context.folder });
    expect(await joined(others.follow(ID, { offset: 1 }, never))).toBe('ne\n');
    await others.close();
  });

  test('a slow reader gets every byte, a piece at a time', async () => {
    const writer = await context.logs.open(ID);
    const reader = context.logs.follow(ID, { offset: 0 }, never)[Symbol.asyncIterator]();
    const bytes = Buffer.alloc(256 * KIB, 'abcdefg\n');
    let got = 0;
    for (let offset = 0; offset < 20 * bytes.length; offset += bytes.length) {
      await writer.append(offset, 0, bytes);
      const { value } = await reader.next();
      expect(value.length).toBeLessThanOrEqual(64 * KIB);
      got += value.length;
    }
    await writer.finish();
    for (let each = await reader.next(); each.done !== true; each = await reader.next())
      got += each.value.length;
    expect(got).toBe(20 * bytes.length);
  });

  test('ends when its signal aborts, and when the logs are closed', async () => {
    const abort = new AbortController();
    const one = context.logs.follow(ID, { offset: 0 }, abort.signal)[Symbol.asyncIterator]().next();
    const other = context.logs.follow(ID, { offset: 0 }, never)[Symbol.asyncIterator]().next();
    abort.abort();
    await expect(one).rejects.toMatchObject({ name: 'AbortError' });
    await context.logs.close();
    await expect(other).rejects.toMatchObject({ name: 'AbortError' });
    await expect(context.logs.open(ID)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

async function next(reader: AsyncIterator<Buffer>): Promise<string | undefined> {
  const { value, done } = await reader.next();
  return done === true ? undefined : value.toString();
}
