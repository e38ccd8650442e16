import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { listen } from './ports.ts';

/** A way to a storage on which requests meet trouble, as long as a test wants it. */
export interface TroubledProxy {
  url: string;
  /** What becomes of a request: the status that answers it, silence for ever, or undefined for what the storage says. */
  trouble: (asked: Asked) => number | 'silence' | undefined;
  /** What was asked for so far. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
}

export async function startTroubledProxy(target: string): Promise<TroubledProxy> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    // Whoever asked may be gone, or the storage.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const proxy: TroubledProxy = {
    url: `http://127.0.0.1:${await listen(server)}`,
    trouble: () => undefined,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', headers, url: path = '/' } = incoming;
    const one = { method, path };
    asked.push(one);
    const trouble = proxy.trouble(one);
    if (trouble === 'silence') return;
    if (trouble !== undefined)
      return void incoming.resume().once('end', () => outgoing.writeHead(trouble).end());
    const onward = request(new URL(path, target), { method, headers });
    // One that fails breaks the other, too.
    const [[answer]] = await Promise.all([
      once(onward, 'response') as Promise<[IncomingMessage]>,
      pipeline(incoming, onward),
    ]);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, outgoing);
  }
}
