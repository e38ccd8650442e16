import { connect, type Socket } from 'node:net';
import type { Channel } from './channel.ts';
import type { Use } from './use.ts';

interface Target {
  host: string;
  port: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to where a program on the node would, and joins that connection with the channel; each direction ends by itself.
 *
 * @throws Error that tells why nothing answers there
 */
export async function forward({ host, port }: Target, channel: Channel): Promise<Use> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  // What comes of it is told by `close`.
  socket.on('error', () => undefined);
  const hangUp = () => void socket.destroy();
  channel.cut.addEventListener('abort', hangUp);
  if (channel.cut.aborted) hangUp();
  try {
    await connected(socket);
  } catch (error) {
    socket.destroy();
    throw new Error(`the node can not connect to ${host}:${port}: ${reasonOf(error)}`, { cause: error });
  }
  const closed = Promise.withResolvers<null>();
  socket.on('close', () => closed.resolve(null));
  socket.pipe(channel.stream);
  channel.stream.pipe(socket);
  return { ended: closed.promise };
}

async function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = () => reject(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
  const timer = setTimeout(late, CONNECT_TIMEOUT_MS);
  socket.once('connect', resolve).once('error', reject);
  socket.once('close', () => reject(new Error('the channel is closed')));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off('error', reject);
  }
}

/** An error about several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'nobody knows why';
}
