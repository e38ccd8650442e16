import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** To a socket in a folder, by the open folder: its own path may be longer than a socket's may be. */
export async function connectIn(folder: string, name: string, signal: AbortSignal): Promise<Socket> {
  await using opened = await open(folder);
  const socket = connect(`/proc/self/fd/${opened.fd}/${name}`);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Takes one connection at most. */
export async function listenIn(folder: string, name: string): Promise<Server> {
  await using opened = await open(folder);
  const server = createServer();
  server.maxConnections = 1;
  server.listen(`/proc/self/fd/${opened.fd}/${name}`);
  await once(server, 'listening');
  return server;
}
