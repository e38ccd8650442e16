import type { Request } from 'express';
import { lastSeq, type Db, type Event } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { requireBuild } from '../builds/find.ts';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { pump } from '../http/pump.ts';
import { streamRoute, type Route } from '../http/route.ts';
import { EventQuery } from './schema.ts';
import { streamEvents } from './stream.ts';
import { viewEvent } from './view.ts';

export function eventRoutes(deps: ApiDeps): Route[] {
  const { store } = deps;
  return [
    streamRoute({
      method: 'get',
      path: '/events',
      summary:
        'Streams changes as server-sent events. Each `data` is an Event; `id` is its `seq`, from which a client resumes.',
      role: 'read',
      query: EventQuery,
      answer: {
        status: 200,
        mediaType: 'text/event-stream',
        description: 'Goes on until the client leaves.',
      },
      async handle({ query }, request, response) {
        const signal = disconnected(response);
        const buildId =
          query.build === undefined ? undefined : (await requireBuild(store.db, query.build)).id;
        const seq = await startOf(store.db, request, query.since);
        response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
        response.setHeader('Cache-Control', 'no-store');
        // nginx would hold back events until its buffer is full.
        response.setHeader('X-Accel-Buffering', 'no');
        response.flushHeaders();
        if (request.method === 'HEAD') return void response.end();
        await pump(encode(seq, streamEvents(deps, { seq, buildId }, signal)), response, signal);
      },
    }),
  ];
}

/** A browser that reconnects names the last event it saw; that is newer than what its URL says. */
async function startOf(db: Db, request: Request, since: number | undefined): Promise<number> {
  const last = request.headers['last-event-id'];
  if (last === undefined || last === '') return since ?? (await lastSeq(db));
  if (typeof last === 'string' && /^\d{1,15}$/.test(last)) return Number(last);
  throw new FootmanError('request-invalid', 'Last-Event-ID is not the id of an event');
}

/** The first id has no event: a client that is cut off before the first one resumes from there all the same. */
async function* encode(seq: number, pages: AsyncIterable<readonly Event[]>): AsyncGenerator<string> {
  yield `id: ${seq}\n: footman\n\n`;
  for await (const page of pages) yield page.length === 0 ? ': heartbeat\n\n' : page.map(frame).join('');
}

function frame(event: Event): string {
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(viewEvent(event))}\n\n`;
}
