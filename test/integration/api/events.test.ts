import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '#controller/api';
import { lastSeq } from '#controller/store';
import { finishStep, runningBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

interface Stream {
  /** The next so many events. */
  take(count: number): Promise<Event[]>;
  response: IncomingMessage;
}

async function open(query: string, headers: Record<string, string> = {}): Promise<Stream> {
  const call = request(new URL(`/api/v1/events${query}`, api.url), {
    headers: { authorization: `Bearer ${api.admin}`, ...headers },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  const events = parse(response);
  return {
    response,
    async take(count) {
      const taken: Event[] = [];
      while (taken.length < count) taken.push((await events.next()).value as Event);
      return taken;
    },
  };
}

async function* parse(response: IncomingMessage): AsyncGenerator<Event> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const frames = (rest + String(chunk)).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = new Map(
        frame.split('\n').map((line) => [line.split(': ')[0], line.split(': ').slice(1).join(': ')]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = JSON.parse(data) as Event;
      expect(fields.get('id')).toBe(String(event.seq));
      expect(fields.get('event')).toBe(event.kind);
      yield event;
    }
  }
}

describe('events', () => {
  test('come in order as they happen, only new ones where nothing is said', async () => {
    await runningBuild(api);
    const stream = await open('');
    const made = await runningBuild(api);
    const [first, ...others] = await stream.take(4);
    expect(first).toMatchObject({ kind: 'build', buildId: made.build.id, data: { state: 'queued' } });
    expect(others.map(({ kind, data }) => `${kind} ${data.state}`)).toEqual([
      'job queued',
      'job leased',
      'job running',
    ]);
    stream.response.destroy();
  });

  test('of one build, from its beginning, and no others', async () => {
    const made = await runningBuild(api);
    await runningBuild(api);
    const stream = await open(`?since=0&build=${made.build.number}`);
    await finishStep(api, made);
    const events = await stream.take(6);
    expect(new Set(events.map(({ buildId }) => buildId))).toEqual(new Set([made.build.id]));
    expect(events.at(-1)).toMatchObject({ kind: 'step', data: { id: made.step.id, state: 'finished' } });
    stream.response.destroy();
  });

  test('a browser that reconnects gets what it missed, each once', async () => {
    const from = await lastSeq(api.store.db);
    for (let i = 0; i < 60; i++) await runningBuild(api);
    const seen: number[] = [];
    let last = from;
    while (seen.length < 300) {
      // What the URL says is older than what the browser has seen.
      const stream = await open('?since=0', { 'last-event-id': String(last) });
      const events = await stream.take(25);
      stream.response.destroy();
      seen.push(...events.map(({ seq }) => seq));
      last = seen.at(-1) ?? last;
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => from + 1 + index));
  });

  test('a client that is cut off before its first event knows where it was', async () => {
    const stream = await open('');
    const [chunk] = (await once(stream.response, 'data')) as [Buffer];
    expect(chunk.toString()).toContain(`id: ${await lastSeq(api.store.db)}\n`);
    stream.response.destroy();
  });

  test('a reader who is slow loses none', async () => {
    const from = await lastSeq(api.store.db);
    const stream = await open(`?since=${from}`);
    stream.response.pause();
    for (let i = 0; i < 100; i++) await runningBuild(api);
    const newest = await lastSeq(api.store.db);
    const events = await stream.take(newest - from);
    expect(events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: newest - from }, (_, index) => from + 1 + index),
    );
    stream.response.destroy();
  });

  test.each([
    ['?since=x', {}, 400],
    ['?build=none', {}, 404],
    ['', { 'last-event-id': 'x' }, 400],
  ] as const)('refused: %s %s', async (query, headers, status) => {
    const response = await api.call(`/events${query}`, {
      headers: { authorization: `Bearer ${api.admin}`, ...headers },
    });
    expect(response.status).toBe(status);
  });
});
