import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** The server listens on this machine alone; resolves with the port that it got. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** One that nobody listens on, a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether the server listens on this very port now. Not as long as one who had it has not quite ended. */
export async function takesPort(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}
