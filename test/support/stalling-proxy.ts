import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to an HTTP server on which answers can be made to stand still, or break. */
export interface StallingProxy {
  url: string;
  /** The next answer to a path that contains this, and has as many bytes, stops after them for ever. Resolves when it has. */
  stall(path: string, bytes: number): Promise<void>;
  /** The same, but its connection breaks. */
  break(path: string, bytes: number): Promise<void>;
  /** What was asked for so far. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

interface Asked {
  path: string;
  /** The header `Range`. */
  range: string | undefined;
}

interface Stall {
  isBreak: boolean;
  path: string;
  bytes: number;
  reached(): void;
}

export async function startStallingProxy(target: string): Promise<StallingProxy> {
  const stalls = new Set<Stall>();
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    // Whoever asked may be gone.
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stall: (path, bytes) => spoil({ path, bytes, isBreak: false }),
    break: (path, bytes) => spoil({ path, bytes, isBreak: true }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function spoil(stall: Omit<Stall, 'reached'>): Promise<void> {
    return new Promise<void>((reached) => void stalls.add({ ...stall, reached }));
  }

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = incoming;
    asked.push({ path: url, range: headers.range });
    const onward = request(new URL(url, target), { method, headers });
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
    let sent = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      outgoing.write(piece);
      sent += piece.length;
      const due = takeStall(url, sent);
      if (due?.isBreak === true) outgoing.destroy();
      if (due !== undefined) return;
    }
    outgoing.end();
  }

  function takeStall(url: string, sent: number): Stall | undefined {
    const due = [...stalls].find(({ path, bytes }) => url.includes(path) && sent >= bytes);
    if (due !== undefined) stalls.delete(due);
    due?.reached();
    return due;
  }
}
