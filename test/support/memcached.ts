import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, watch } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { asServer, type Server } from './python-server.ts';

export const MEMCACHED = '/usr/bin/memcached';

/** A cache that servers of OpenStack keep tokens in. */
export interface Memcached extends Server {
  port: number;
  /** It has nothing any more. */
  flush(): Promise<void>;
}

const PORT_FILE = 'memcached.port';

/** On a free port of loopback, which it tells in a file of this folder. */
export async function startMemcached(folder: string): Promise<Memcached> {
  const path = join(folder, PORT_FILE);
  const watching = new AbortController();
  const events = watch(folder, { signal: watching.signal })[Symbol.asyncIterator]();
  let changed = events.next();
  const words = ['-u', userInfo().username, '-l', '127.0.0.1', '-p', '-1', '-U', '0', '-m', '16'];
  const child = spawn(MEMCACHED, words, { stdio: 'ignore', env: { MEMCACHED_PORT_FILENAME: path } });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('memcached did not start')));
  ended.catch(() => undefined);
  let port: number | undefined;
  while (port === undefined) {
    await Promise.race([changed, ended]);
    changed = events.next();
    port = await readPort(path);
  }
  changed.catch(() => undefined);
  watching.abort();
  return { ...asServer(child), port, flush: () => flush(port) };
}

async function readPort(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [, port] = /INET: (\d+)\n/.exec(text) ?? [];
  return port === undefined ? undefined : Number(port);
}

async function flush(port: number): Promise<void> {
  const connection = createConnection(port, '127.0.0.1');
  connection.end('flush_all\r\nquit\r\n').resume();
  await once(connection, 'close');
}
