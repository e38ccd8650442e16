import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Access } from '#controller/access';
import type { Clock } from '#controller/clock';
import type { BastionSettings } from '#controller/config';
import type { Logger } from '#controller/logger';
import { FootmanError, messageOf } from '#shared/errors';
import { ALGORITHMS } from './algorithms.ts';
import { createCaller, type Caller } from './caller.ts';
import { createDoorman } from './doorman.ts';
import { loadHostKey } from './host-key.ts';
import { IDENT, turnAway } from './turn-away.ts';

/** An SSH server that lets whoever has a key of a hold onto its node, over the connection of the node's agent. */
export interface Bastion {
  /** What people call it. */
  host: string;
  port: number;
  /** A line of known_hosts. */
  hostKey: string;
  /** Tells everybody, and hangs up. */
  close(): Promise<void>;
}

interface Deps {
  access: Access;
  clock: Clock;
  logger: Logger;
  settings: Pick<BastionSettings, 'listen' | 'host' | 'idleTimeout'>;
  /** Of the key. */
  folder: string;
}

const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const SSH_PORT = 22;
const MAX_CONNECTIONS = 1000;
const KEEPALIVE_MS = 15_000;
const MAX_UNANSWERED = 3;

/** @throws FootmanError `host-unfit` where it can't listen, `configuration-invalid` for a key that is none */
export async function createBastion({ settings, folder, ...deps }: Deps): Promise<Bastion> {
  const { default: ssh2 } = await import('ssh2');
  const key = await loadHostKey(join(folder, 'host_key'));
  const doorman = createDoorman(deps.clock);
  const callers = new Map<string, Caller>();
  const sshServer = new ssh2.Server({
    hostKeys: [key.privateKey],
    algorithms: ALGORITHMS,
    ident: IDENT,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: MAX_UNANSWERED,
  });
  sshServer.on('connection', (connection, { ip, port }) => callers.get(placeOf(ip, port))?.greet(connection));
  const listener = createServer({ noDelay: true }, take);
  listener.maxConnections = MAX_CONNECTIONS;
  await listen(listener, settings.listen);
  const { port } = listener.address() as AddressInfo;
  const host = settings.host ?? (ANYWHERE.has(settings.listen.host) ? hostname() : settings.listen.host);
  return {
    host,
    port,
    hostKey: `${port === SSH_PORT ? host : `[${host}]:${port}`} ${key.publicKey}`,
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      for (const caller of callers.values()) void caller.end('the controller stops');
      await closed;
    },
  };

  function take(socket: Socket): void {
    // A client that breaks off is nobody's failure; without a listener it would be the process's.
    socket.on('error', () => socket.destroy());
    const { remoteAddress: address, remotePort } = socket;
    if (address === undefined || remotePort === undefined) return void socket.destroy();
    const visit = doorman.arrive(address);
    if (typeof visit === 'string') return turnAway(socket, visit, deps.clock);
    const place = placeOf(address, remotePort);
    callers.set(place, createCaller({ ...deps, socket, visit, peer: address, idleMs: settings.idleTimeout }));
    socket.once('close', () => callers.delete(place));
    sshServer.injectSocket(socket);
  }
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}

async function listen(server: Server, where: BastionSettings['listen']): Promise<void> {
  const started = Promise.withResolvers<void>();
  // It stays: once the server listens, this is a connection that could not be accepted for want of descriptors, and passes.
  server.on('error', started.reject);
  server.listen(where, started.resolve);
  try {
    await started.promise;
  } catch (cause) {
    const place = `${where.host}:${where.port}`;
    throw new FootmanError('host-unfit', `the bastion cannot listen on ${place}: ${messageOf(cause)}`, {
      hint: 'is another program using it? choose another address with `bastion: { listen: … }`',
      cause,
    });
  }
}
