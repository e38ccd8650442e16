import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between agents and the controller's Unix socket, and cuts their connections on demand. */
export interface CuttingProxy {
  /** Waits for a connection, and breaks it in the middle of whatever goes over it. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** Takes the socket's place: agents that dial `path` from now on come through here. */
export async function interpose(path: string): Promise<CuttingProxy> {
  const behind = `${path}.behind`;
  await rename(path, behind);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(behind);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(path);
  await once(server, 'listening');

  return {
    async cut() {
      if (open.size === 0) await once(server, 'connection');
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
      await rename(behind, path);
    },
  };
}
