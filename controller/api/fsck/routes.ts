import type { FsckLine as Line } from '#controller/fsck';
import { FootmanError } from '#shared/errors';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { pump } from '../http/pump.ts';
import { streamRoute, type Route } from '../http/route.ts';
import { FsckQuery, type FsckLine } from './schema.ts';

export function fsckRoutes({ fsck, logger }: ApiDeps): Route[] {
  return [
    streamRoute({
      method: 'post',
      path: '/fsck',
      summary:
        'Compares the store with the storage and says what is wrong as it finds it, as JSON lines. Changes nothing.',
      role: 'admin',
      query: FsckQuery,
      answer: {
        status: 200,
        mediaType: 'application/x-ndjson',
        description:
          'Lines of kinds finding and progress; then one of kind summary, or error where it came to no end.',
      },
      async handle({ query }, _request, response) {
        const signal = disconnected(response);
        const lines = fsck.check({ digests: query.digests, signal });
        // What keeps it from beginning is an answer of its own.
        const first = await lines.next();
        response.setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
        response.setHeader('Cache-Control', 'no-store');
        response.setHeader('X-Accel-Buffering', 'no');
        await pump(encode(first, lines), response, signal);
      },
    }),
  ];

  async function* encode(
    first: IteratorResult<Line, void>,
    rest: AsyncGenerator<Line>,
  ): AsyncGenerator<string> {
    if (first.done !== true) yield line(first.value);
    try {
      for await (const each of rest) yield line(each);
    } catch (error) {
      if (!(error instanceof FootmanError)) logger.error({ err: error }, 'fsck broke off');
      const known = error instanceof FootmanError ? error : new FootmanError('internal', 'fsck broke off');
      yield line({ kind: 'error', code: known.code, message: known.message });
    }
  }
}

function line(value: FsckLine): string {
  return `${JSON.stringify(value)}\n`;
}
