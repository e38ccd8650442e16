import { connect, type Socket } from 'node:net';
import type { Endpoint } from './endpoint.ts';

/**
 * A socket to the endpoint, over TLS if it is `https`. What TLS needs is loaded only then: it would double the agent's start.
 *
 * @throws the system's error if nothing answers within `timeoutMs`
 */
export async function connectTo(endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
  const { hostname: host, port, socketPath, secure } = endpoint;
  const socket = secure
    ? (await import('node:tls')).connect({ host, port, servername: serverName(host) })
    : socketPath === undefined
      ? connect({ host, port })
      : connect({ path: socketPath });
  // Each owner of the socket listens for itself; between two of them an error must not be an uncaught one.
  socket.on('error', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
  socket.once(secure ? 'secureConnect' : 'connect', resolve);
  socket.once('error', reject);
  try {
    await promise;
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.off('error', reject);
  }
}

/** An address is no server name: TLS forbids it there. */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}
