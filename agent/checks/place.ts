import { connect } from 'node:net';
import { describeError } from './describe-error.ts';

/** Where a TCP connection goes. */
export interface Place {
  host: string;
  port: number;
}

/**
 * Reads `host:port`; an IPv6 address stands in brackets.
 *
 * @throws Error if it is none
 */
export function parsePlace(text: string): Place {
  const [, literal, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? [];
  const host = literal ?? name;
  const port = Number(digits);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new Error(`${text} is not host:port; an IPv6 address is written as [::1]:443`);
}

/** @throws Error that says why there is no connection */
export async function connectPlace({ host, port }: Place, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, signal });
  socket.once('connect', resolve);
  socket.on('error', reject);
  try {
    await promise;
  } catch (error) {
    throw new Error(`no connection to ${host} port ${port}: ${describeError(error)}`, { cause: error });
  } finally {
    socket.destroy();
  }
}
