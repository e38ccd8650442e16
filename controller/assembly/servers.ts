import { createHash } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TERMINALS_PATH, type Terminals } from '#controller/api';
import { BLOBS_PATH, type BlobStorage } from '#controller/blobs';
import { AGENT_PATH, type Gateway } from '#controller/gateway';
import { FootmanError, messageOf } from '#shared/errors';

/** The controller's ears: one address for people and agents, one Unix socket for the agents of this machine. */
export interface Servers {
  url: string;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Deps {
  listen: { host: string; port: number };
  agentSocket: AgentSocket;
  api: Handler;
  gateway: Gateway;
  terminals: Pick<Terminals, 'upgrade'>;
  blobs: Pick<BlobStorage, 'serve'>;
}

export interface AgentSocket {
  folder: string;
  name: string;
}

/** A Unix socket's path has at most 107 bytes. */
const MAX_SOCKET_PATH = 107;

/** Where the agents' socket lies: in the data folder, or, where that is too long a path, in a short one that is derived from it. */
export function agentSocketFor(data: string): AgentSocket {
  const name = 'agents.sock';
  const folder = join(data, 'run');
  if (Buffer.byteLength(join(folder, name)) <= MAX_SOCKET_PATH) return { folder, name };
  const short = createHash('sha256').update(data).digest('hex').slice(0, 16);
  return { folder: join(tmpdir(), `footman-${short}`), name };
}

export async function startServers({
  listen,
  agentSocket,
  api,
  gateway,
  terminals,
  blobs,
}: Deps): Promise<Servers> {
  const serveBlobs: Handler = (request, response) => {
    // Whatever could be answered was answered; what remains is the client's broken connection.
    blobs.serve(request, response).catch(() => response.destroy());
  };
  const open = createHttp((request, response) =>
    request.url?.startsWith(BLOBS_PATH) ? serveBlobs(request, response) : api(request, response),
  );
  // A container that may see this socket reaches nothing else than what agents need.
  const local = createHttp((request, response) =>
    request.url?.startsWith(BLOBS_PATH) ? serveBlobs(request, response) : response.writeHead(404).end(),
  );
  const agents = { [AGENT_PATH]: gateway.upgrade };
  acceptUpgrades(open, { ...agents, [TERMINALS_PATH]: terminals.upgrade });
  acceptUpgrades(local, agents);

  await prepareFolder(agentSocket);
  const path = join(agentSocket.folder, agentSocket.name);
  await start(local, { path });
  await chmod(path, 0o666);
  try {
    await start(open, listen);
  } catch (error) {
    await stop(local);
    throw error;
  }
  return {
    url: urlOf(open.address() as AddressInfo),
    async close() {
      await Promise.all([stop(open), stop(local)]);
    },
  };
}

function createHttp(handler: Handler): Server {
  // Transfers take as long as they take; silence on them is limited where they are served.
  return createServer({ requestTimeout: 0 }, handler);
}

/** What takes over a connection, by the path, or by the beginning of the path where that ends with a slash. */
type Upgrades = Readonly<Record<string, Gateway['upgrade']>>;

function acceptUpgrades(server: Server, upgrades: Upgrades): void {
  server.on('upgrade', (request, socket, head) => {
    // A client that breaks off is nobody's failure; without a listener it would be the process's.
    socket.on('error', () => socket.destroy());
    const [path = ''] = (request.url ?? '').split('?');
    const [, upgrade] = Object.entries(upgrades).find(([known]) => isAt(path, known)) ?? [];
    if (upgrade !== undefined) upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  });
}

function isAt(path: string, known: string): boolean {
  return known.endsWith('/') ? path.startsWith(known) : path === known;
}

async function prepareFolder({ folder, name }: AgentSocket): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Agents in containers may be any user; the data folder around it is closed to the machine's other users.
  await chmod(folder, 0o755);
  // What a killed controller left; nobody listens on it, for the data folder is ours alone.
  await rm(join(folder, name), { force: true });
}

async function start(server: Server, where: ListenOptions): Promise<void> {
  const started = Promise.withResolvers<void>();
  // It stays: once the server listens, this is a connection that could not be accepted for want of descriptors, and passes.
  server.on('error', started.reject);
  server.listen(where, started.resolve);
  try {
    await started.promise;
  } catch (cause) {
    const place = where.path ?? `${where.host}:${where.port}`;
    throw new FootmanError('host-unfit', `cannot listen on ${place}: ${messageOf(cause)}`, {
      hint: 'is another program using it? choose another address with --listen',
      cause,
    });
  }
}

async function stop(server: Server): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  server.close(() => stopped.resolve());
  server.closeAllConnections();
  await stopped.promise;
}

function urlOf({ address, port, family }: AddressInfo): string {
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
}
