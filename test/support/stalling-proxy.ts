import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to an HTTP server on which answers can be made to stand still. */
export interface StallingProxy {
  url: string;
  /** The next answer to a path that contains this, and has as many bytes, stops after them for ever. Resolves when it has. */
  stall(path: string, bytes: number): Promise<void>;
  close(): Promise<void>;
}

interface Stall {
  path: string;
  bytes: number;
  reached(): void;
}

export async function startStallingProxy(target: string): Promise<StallingProxy> {
  const stalls = new Set<Stall>();
  const server = createServer((incoming, outgoing) => {
    // Whoever asked may be gone.
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stall: (path, bytes) => new Promise<void>((reached) => void stalls.add({ path, bytes, reached })),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = incoming;
    const onward = request(new URL(url, target), { method, headers });
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
    let sent = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      outgoing.write(piece);
      sent += piece.length;
      if (takeStall(url, sent)) return;
    }
    outgoing.end();
  }

  function takeStall(url: string, sent: number): boolean {
    const due = [...stalls].find(({ path, bytes }) => url.includes(path) && sent >= bytes);
    if (due === undefined) return false;
    stalls.delete(due);
    due.reached();
    return true;
  }
}
