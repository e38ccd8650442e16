import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogMatches } from '#controller/api';
import { moveJob } from '#controller/builds';
import { createSystemClock } from '#controller/clock';
import { createLogArchiver, logKeysOf } from '#controller/log-archive';
import { createLogger } from '#controller/logger';
import { finishStep, runningBuild, type HandMadeBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';

/** A long log that has gone to the storage, as readers of the API have it. */

const LINES = 1_000_000;
/** As agents send it. */
const PIECE = 64 * 1024;
const never = new AbortController().signal;

let api: ApiServer;
let made: HandMadeBuild;
let whole: Buffer;
/** Requests to the storage, in bytes that were asked for; 0 for whole objects. */
let asked: number[];

beforeAll(async () => {
  api = await startApiServer();
  made = await runningBuild(api);
  const text = Array.from(
    { length: LINES },
    (_, i) => `${i} the quick brown fox jumps over the lazy dog, again and again\n`,
  );
  text[999_000] = 'here is the \x1b[31mneedle\x1b[0m\n';
  whole = Buffer.from(text.join(''));
  const writer = await api.logs.open(made.log);
  for (let at = 0; at < whole.length; at += PIECE)
    await writer.append(at, at, whole.subarray(at, at + PIECE));
  await writer.finish();
  await writer.release();
  await finishStep(api, made);
  await api.journal.commit((tx) =>
    moveJob(tx, made.job.id, ['running'], 'finished', { result: 'success', finished_at: tx.at }),
  );
  const logger = createLogger('silent');
  const clock = createSystemClock();
  await createLogArchiver({ ...api, clock, logger, settings: () => ({ archiveAfter: 0 }) }).run(never);
  asked = [];
  const { get } = api.blobs;
  api.blobs.get = (key, options, signal) => {
    asked.push(options.range?.length ?? 0);
    return get(key, options, signal);
  };
});

afterAll(() => api.dispose());

function read(query = ''): Promise<Response> {
  return api.call(`/steps/${made.step.id}/log${query}`);
}

function search(query: Record<string, string>): Promise<LogMatches> {
  return api.get(`/steps/${made.step.id}/log/search?${new URLSearchParams(query).toString()}`);
}

describe('a log of a million lines in the storage', () => {
  test('is what it was, and not on the disk any more', async () => {
    expect(await readdir(join(api.folder, 'logs'))).toEqual([]);
    const response = await read();
    expect(Number(response.headers.get('content-length'))).toBe(whole.length);
    expect(digest(Buffer.from(await response.arrayBuffer()))).toBe(digest(whole));
    expect(digest(Buffer.from(await (await read('?follow=true')).arrayBuffer()))).toBe(digest(whole));
  });

  test('is read by zstd, and is a small part of what it was', async () => {
    const { stream } = await api.blobs.get(logKeysOf(made.log).log, {}, never);
    const stored = await buffer(stream);
    const input = { input: stored, maxBuffer: 2 * whole.length };
    expect(digest(execFileSync('zstd', ['-dc'], input))).toBe(digest(whole));
    expect(stored.length).toBeLessThan(whole.length / 5);
  });

  test.each([
    ['a line', '?line=500000&lines=1', /^500000 the quick .*\n$/],
    ['the last line', '?tail=1', /^999999 the quick .*\n$/],
    ['some bytes', '?offset=30000000&length=10', /^[ -~]{10}$/],
    ['what came late', `?since=${69 * 1024 * 1024}`, /^\d{6} [^]*\n999999 the quick .*\n$/],
  ])('costs a few small reads: %s', async (_, query, expected) => {
    asked.length = 0;
    expect(await (await read(query)).text()).toMatch(expected);
    expect(asked.length).toBeLessThanOrEqual(5);
    for (const bytes of asked) expect(bytes).toBeLessThan(512 * 1024);
  });
});

describe('looking for a text', () => {
  test('gives its line, a part of the log at a time', async () => {
    const first = await search({ text: 'needle' });
    expect(first.matches).toEqual([]);
    const second = await search({ text: 'needle', offset: String(first.next) });
    expect(second).toEqual({
      matches: [
        {
          line: 999_000,
          offset: whole.indexOf('needle'),
          text: 'here is the \x1b[31mneedle\x1b[0m',
          isCut: false,
        },
      ],
      next: null,
    });
  });

  test('goes on behind as many lines as were asked for', async () => {
    const first = await search({ text: 'FOX', ignoreCase: 'true', limit: '2' });
    expect(first.matches.map(({ line }) => line)).toEqual([0, 1]);
    const second = await search({ text: 'FOX', ignoreCase: '', limit: '1', offset: String(first.next) });
    expect(second.matches.map(({ line }) => line)).toEqual([2]);
    expect(await search({ text: 'FOX', offset: String(whole.length - 100) })).toEqual({
      matches: [],
      next: null,
    });
  });

  test.each([
    ['nothing', ''],
    ['an empty text', '?text='],
    ['two lines', '?text=a%0Ab'],
    ['a book', `?text=${'x'.repeat(1025)}`],
    ['no lines', '?text=a&limit=0'],
    ['too many lines', '?text=a&limit=1001'],
    ['a pattern', '?text=a&regex=true'],
  ])('refused: %s', async (_, query) => {
    expect((await api.call(`/steps/${made.step.id}/log/search${query}`)).status).toBe(400);
  });

  test('somebody who leaves is nobody’s concern', async () => {
    const leaving = new AbortController();
    const call = api.call(`/steps/${made.step.id}/log/search?text=nowhere`, {
      signal: leaving.signal,
      headers: { authorization: `Bearer ${api.admin}` },
    });
    asked.length = 0;
    while (asked.length === 0) await new Promise(setImmediate);
    leaving.abort();
    await expect(call).rejects.toThrow();
    expect((await search({ text: 'needle', offset: String(whole.length - 100_000) })).matches).toHaveLength(
      1,
    );
    expect(api.logged).toEqual([]);
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
