import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { commandLinesWith } from './command-lines.ts';
import { answerLfs } from './lfs-server.ts';

/** A git server over HTTP, by git's own backend, for the repositories of a folder. */
export interface GitServer {
  /** Without a slash at the end; a repository is `${url}/NAME`. */
  url: string;
  /** `METHOD PATH`, in the order of their coming. */
  requests: string[];
  /** The `Authorization` headers that came, also where none was wanted. */
  credentials: Set<string>;
  /** Command lines of this machine that held the password while a request was answered. */
  exposed: string[];
  /** What to do with the next requests, one for each, before the server is itself again. */
  faults: ('reset' | 'unavailable')[];
  stop(): Promise<void>;
}

interface Options {
  folder: string;
  /** Without one, everybody may read. */
  login?: { user: string; password: string };
  /** A folder of `test/support/certificates.ts`: then it speaks TLS. */
  certificates?: string;
  /** Where every request is sent instead. */
  redirectTo?: string;
}

export async function startGitServer({
  folder,
  login,
  certificates,
  redirectTo,
}: Options): Promise<GitServer> {
  const requests: string[] = [];
  const credentials = new Set<string>();
  const exposed: string[] = [];
  const faults: GitServer['faults'] = [];
  const server =
    certificates === undefined
      ? createHttpServer(handle)
      : createHttpsServer(
          {
            key: readFileSync(`${certificates}/server.key`),
            cert: readFileSync(`${certificates}/server.pem`),
          },
          handle,
        );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    requests,
    credentials,
    exposed,
    faults,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    requests.push(`${request.method} ${path}`);
    const { authorization } = request.headers;
    if (authorization !== undefined) credentials.add(authorization);
    if (login !== undefined) exposed.push(...commandLinesWith(login.password));
    const fault = faults.shift();
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'unavailable') return void response.writeHead(503).end();
    if (redirectTo !== undefined) return void response.writeHead(302, { location: redirectTo + path }).end();
    if (login !== undefined && authorization !== basic(login))
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    if (path.includes('/info/lfs/')) void answerLfs({ request, response, folder, url });
    else serveGit(request, response, folder);
  }
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** One run of `git http-backend`, which speaks CGI (RFC 3875). */
function serveGit(request: IncomingMessage, response: ServerResponse, folder: string): void {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const backend = spawn('git', ['http-backend'], {
    // What it complains about, clients are told.
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
    },
  });
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  backend.stdin.on('error', () => undefined);
  body.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  backend.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const headers = head.toString('latin1', 0, end).split('\r\n').map(toHeader);
    const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1];
    response.writeHead(Number.parseInt(status ?? '200', 10), Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
  });
  backend.stdout.on('end', () => response.end());
}

function toHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
