import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between agents and the controller's Unix socket, and cuts their connections on demand. */
export interface CuttingProxy {
  /** Breaks every connection of the moment, in the middle of whatever goes over it. Returns how many there were. */
  cut(): number;
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
    cut() {
      const pairs = open.size / 2;
      for (const socket of open) socket.resetAndDestroy();
      return pairs;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
      await rename(behind, path);
    },
  };
}
