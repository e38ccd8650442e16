import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { finishStep, runningBuild, type HandMadeBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';

let api: ApiServer;
let made: HandMadeBuild;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

beforeEach(async () => {
  made = await runningBuild(api);
});

async function write(text: string, { finish = false } = {}): Promise<void> {
  const writer = await api.logs.open(made.log);
  await writer.append(writer.stored, Date.now(), Buffer.from(text));
  if (finish) await writer.finish();
  await writer.release();
}

function read(query = ''): Promise<Response> {
  return api.call(`/steps/${made.step.id}/log${query}`);
}

describe('reading a log', () => {
  test.each([
    ['all of it', '', 'one\ntwo\nthree\n', 0],
    ['bytes', '?offset=4&length=3', 'two', 4],
    ['bytes beyond its end', '?offset=100', '', 14],
    ['lines', '?line=1&lines=1', 'two\n', 4],
    ['the last lines', '?tail=2', 'two\nthree\n', 4],
    ['since the beginning of time', '?since=0', 'one\ntwo\nthree\n', 0],
  ])('%s', async (_, query, expected, offset) => {
    await write('one\ntwo\nthree\n', { finish: true });
    const response = await read(query);
    expect(await response.text()).toBe(expected);
    expect(Number(response.headers.get('footman-log-offset'))).toBe(offset);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('bytes that are no UTF-8 arrive as they are', async () => {
    const writer = await api.logs.open(made.log);
    await writer.append(0, Date.now(), Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
    await writer.release();
    expect(Buffer.from(await (await read()).arrayBuffer())).toEqual(Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
  });

  test('of a step that wrote nothing', async () => {
    expect(await (await read()).text()).toBe('');
  });

  test.each(['?offset=-1', '?tail=x', '?tail=1&line=2', '?follow=true&length=3', '?follow=maybe'])(
    'refused: %s',
    async (query) => {
      expect((await read(query)).status).toBe(400);
    },
  );
});

describe('following a log', () => {
  test('shows what comes, and ends with the log', async () => {
    await write('early\n');
    const response = await read('?follow=true');
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('early\n');
    await write('late\n', { finish: true });
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('late\n');
    expect((await reader?.read())?.done).toBe(true);
  });

  test('goes on from an offset, as after a cut connection', async () => {
    await write('0123456789', { finish: true });
    expect(await (await read('?follow=true&offset=6')).text()).toBe('6789');
  });

  test('ends with a step whose log nobody completes', async () => {
    await write('half a li');
    const response = await read('?follow=true');
    await finishStep(api, made);
    expect(await response.text()).toBe('half a li');
  });

  test('of a step that never wrote ends at once when the step has ended', async () => {
    await finishStep(api, made);
    expect(await (await read('?follow=true')).text()).toBe('');
  });

  test('holds nothing for a reader who does not read', async () => {
    const lazy = await openLazily(`/api/v1/steps/${made.step.id}/log?follow=true`);
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const writer = await api.logs.open(made.log);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 256; i++) await writer.append(i * piece.length, Date.now(), piece);
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024);
    await writer.finish();
    await writer.release();
    let bytes = 0;
    for await (const chunk of lazy as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(256 * piece.length);
  });

  test('a reader who leaves is forgotten, and the log can be written on', async () => {
    await write('x');
    const lazy = await openLazily(`/api/v1/steps/${made.step.id}/log?follow=true`);
    lazy.destroy();
    await write('y', { finish: true });
    expect(await (await read()).text()).toBe('xy');
    expect(api.logged).toEqual([]);
  });
});

async function openLazily(path: string): Promise<IncomingMessage> {
  const call = request(new URL(path, api.url), { headers: { authorization: `Bearer ${api.admin}` } });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}
