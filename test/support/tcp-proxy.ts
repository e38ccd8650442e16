import { connect, createServer, type Socket } from 'node:net';
import { listen } from './ports.ts';

/** Stands before a server, and spoils the connections to it on demand. */
export interface TcpProxy {
  port: number;
  /** Breaks every connection that is open. */
  cut(): void;
  /** Breaks the next connection that has sent so many bytes; resolves when it has. */
  cutAfter(bytes: number): Promise<void>;
  /** From now on the connections that are open say nothing more and end by nothing, as when the other machine has lost its power. */
  freeze(): void;
  close(): Promise<void>;
}

/** @param target a port of this machine, or the path of a Unix socket */
export async function openTcpProxy(target: number | string): Promise<TcpProxy> {
  const open = new Set<{ near: Socket; far: Socket }>();
  const frozen: Socket[] = [];
  let limit: { bytes: number; reached: () => void } | undefined;
  const server = createServer((near) => {
    const far = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
    const pair = { near, far };
    open.add(pair);
    near.pipe(far);
    far.pipe(near);
    near.on('data', () => {
      if (limit === undefined || near.bytesRead < limit.bytes) return;
      end(pair);
      limit.reached();
      limit = undefined;
    });
    for (const socket of [near, far]) socket.on('error', () => end(pair)).on('close', () => end(pair));
  });
  const port = await listen(server);

  return {
    port,
    cut: () => open.forEach(end),
    async cutAfter(bytes) {
      const { promise, resolve } = Promise.withResolvers<void>();
      limit = { bytes, reached: resolve };
      await promise;
    },
    freeze() {
      for (const pair of open) {
        open.delete(pair);
        frozen.push(pair.near.unpipe().pause());
        pair.far.unpipe().destroy();
      }
    },
    async close() {
      open.forEach(end);
      for (const socket of frozen) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function end(pair: { near: Socket; far: Socket }): void {
    if (!open.delete(pair)) return;
    pair.near.destroy();
    pair.far.destroy();
  }
}
