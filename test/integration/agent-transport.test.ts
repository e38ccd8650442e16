import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PresignedRequest } from '#shared/protocol';
import { startObjectServer, type ObjectServer } from '#test/object-server';
import { freePort, listen } from '#test/ports';
import { createTransport, parseEndpoint, persist } from '../../agent/http/index.ts';

const { signal } = new AbortController();
const TIMEOUTS = { connectMs: 500, idleMs: 500, patienceMs: 1_500 };

let storage: ObjectServer;
let controller: ObjectServer;
beforeEach(async () => {
  storage = await startObjectServer();
  controller = await startObjectServer();
});
afterEach(() => Promise.all([storage.close(), controller.close()]));

function start(timeouts = TIMEOUTS) {
  const transport = createTransport({ endpoint: parseEndpoint(controller.url), timeouts });
  const patience = transport.patience();
  return {
    patience,
    put: (request: PresignedRequest, body: Buffer | string, renew?: () => Promise<PresignedRequest>) =>
      persist({ transport, patience, request, body: Buffer.from(body), ...(renew && { renew }) }, signal),
    stream: (request: PresignedRequest, bytes: number) =>
      persist({ transport, patience, request, body: { bytes, open: () => zeros(bytes) } }, signal),
  };
}

async function* zeros(bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

describe('a storage that can not be reached', () => {
  test.each(['refuses', 'has no name', 'is nowhere'])(
    'since it %s is left for the controller',
    async (how) => {
      const { put } = start();
      const urls: Record<string, string> = {
        refuses: `http://127.0.0.1:${await freePort()}/a`,
        'has no name': 'http://storage.invalid/a',
        'is nowhere': 'http://192.0.2.1/a',
      };
      const relayed = (path: string): PresignedRequest => ({
        method: 'PUT',
        url: `${urls[how]}${path}`,
        headers: {},
        relay: `/relay${path}`,
      });
      await put(relayed('/1'), 'one');
      await put(relayed('/2'), 'two');
      expect([...controller.objects].map(([path, bytes]) => `${path} ${bytes.toString()}`)).toEqual([
        '/relay/1 one',
        '/relay/2 two',
      ]);
    },
  );

  test('is no reason where it answers, whatever it says', async () => {
    const { put } = start();
    storage.trouble.push(500, 'cut');
    await put({ ...storage.request('PUT', '/a'), relay: '/relay/a' }, 'one');
    expect(storage.objects.get('/a')?.toString()).toBe('one');
    expect(controller.requests).toEqual([]);
  });

  test('and no way through the controller: it is tried until the patience ends', async () => {
    const { put } = start();
    const request: PresignedRequest = {
      method: 'PUT',
      url: `http://127.0.0.1:${await freePort()}/a`,
      headers: {},
    };
    await expect(put(request, 'one')).rejects.toMatchObject({ name: 'TransferError', again: true });
  });
});

test('many small objects share a few connections', async () => {
  const { put } = start();
  for (let index = 0; index < 50; index++) await put(storage.request('PUT', `/${index}`), 'small');
  expect(storage.objects.size).toBe(50);
  expect(storage.connections).toBeLessThan(5);
});

describe('a server that stands still', () => {
  test('before its answer is given up, and asked again', async () => {
    const { put, patience } = start();
    storage.hang();
    await expect(put(storage.request('PUT', '/a'), 'one')).rejects.toThrow('nothing moved for 0.5 s');
    expect(storage.requests.length).toBeGreaterThan(1);
    expect(patience.trouble).toBe('nothing moved for 0.5 s');
  });

  test('while it is sent to is given up', async () => {
    const { stream } = start();
    storage.hang();
    const bytes = 64 * 1024 * 1024;
    await expect(stream(storage.request('PUT', '/a'), bytes)).rejects.toThrow('nothing moved for 0.5 s');
  });

  test('after it took the connection, and says nothing at all, is given up', async () => {
    const silent = createTcpServer(() => undefined);
    const url = `http://127.0.0.1:${await listen(silent)}/a`;
    const { put } = start();
    const failure = put({ method: 'PUT', url, headers: {}, relay: '/relay/a' }, 'one');
    await expect(failure).rejects.toMatchObject({ again: true });
    expect(controller.requests).toEqual([]);
    silent.close();
  });
});

describe('an answer', () => {
  test.each([408, 413, 429, 500, 503, 507])('of %i passes', async (status) => {
    const { put } = start();
    storage.trouble.push(status);
    await put(storage.request('PUT', '/a'), 'one');
    expect(storage.requests).toHaveLength(2);
  });

  test.each([400, 404, 412])('of %i is final', async (status) => {
    const { put } = start();
    storage.trouble.push(status);
    const failure = put(storage.request('PUT', '/a'), 'one');
    await expect(failure).rejects.toMatchObject({ again: false, message: `the storage answered ${status}` });
    expect(storage.requests).toHaveLength(1);
  });

  test.each([401, 403])(
    'of %i asks for another request, once, and is then for the controller to see to',
    async (status) => {
      const { put } = start();
      let renewed = 0;
      const renew = async () => storage.request('PUT', `/renewed-${++renewed}`);
      storage.trouble.push(status);
      await put(storage.request('PUT', '/a'), 'one', renew);
      expect([...storage.objects.keys()]).toEqual(['/renewed-1']);
      storage.trouble.push(status, status);
      await expect(put(storage.request('PUT', '/a'), 'one', renew)).rejects.toMatchObject({ again: true });
      expect(renewed).toBe(2);
    },
  );

  test('that names a full storage is worth to wait for space', async () => {
    const { put, patience } = start({ ...TIMEOUTS, patienceMs: 0 });
    storage.trouble.push({ status: 403, text: '<Error><Code>QuotaExceeded</Code></Error>' });
    const failure = put(storage.request('PUT', '/a'), 'one');
    await expect(failure).rejects.toMatchObject({ again: true });
    expect(patience.trouble).toBe('the storage is full, it answered 403 (QuotaExceeded)');
  });

  test('that breaks off in its text has been given all the same', async () => {
    const head = 'HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\n<Error>';
    const hasty = createTcpServer((socket) => socket.once('data', () => socket.end(head)));
    const url = `http://127.0.0.1:${await listen(hasty)}/a`;
    const { put } = start();
    const failure = put({ method: 'PUT', url, headers: {} }, 'one');
    await expect(failure).rejects.toMatchObject({ again: false, message: 'the storage answered 404' });
    hasty.close();
  });

  test('that comes before the body is through is what counts, and the next request finds a sound connection', async () => {
    const { stream, put } = start();
    storage.trouble.push(404);
    await expect(stream(storage.request('PUT', '/a'), 1_000_000)).rejects.toThrow('answered 404');
    await put(storage.request('PUT', '/b'), 'two');
    expect(storage.objects.get('/b')?.toString()).toBe('two');
  });
});

test('patience begins anew with each success of a transfer beside', async () => {
  const { put, patience } = start();
  storage.trouble.push(503);
  await put(storage.request('PUT', '/a'), 'one');
  expect(patience.trouble).toBeUndefined();
});
