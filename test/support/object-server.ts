import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { PresignedRequest } from '#shared/protocol';
import { listen } from './ports.ts';

/** A storage as presigned requests see one, that stumbles on demand. */
export interface ObjectServer {
  readonly url: string;
  /** By path, without its query. */
  readonly objects: Map<string, Buffer>;
  readonly requests: { method: string; path: string; range: string | undefined }[];
  /** Connections that were ever made to it. */
  readonly connections: number;
  /** What becomes of the next requests: an HTTP status, with a text or without, or the connection breaks halfway. */
  readonly trouble: (number | 'cut' | { status: number; text: string })[];
  /** From now on no answer comes to its end, and nothing that is sent is read. */
  hang(): void;
  request(method: 'GET' | 'PUT', path: string): PresignedRequest;
  close(): Promise<void>;
}

export async function startObjectServer(): Promise<ObjectServer> {
  const objects = new Map<string, Buffer>();
  const requests: ObjectServer['requests'] = [];
  const trouble: ObjectServer['trouble'] = [];
  let connections = 0;
  let isHanging = false;
  const server = createServer((request, response) => {
    // Whoever asked may be gone.
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', () => connections++);
  const url = `http://127.0.0.1:${await listen(server)}`;

  return {
    url,
    objects,
    requests,
    get connections() {
      return connections;
    },
    trouble,
    hang: () => void (isHanging = true),
    request: (method, path) => ({ method, url: `${url}${path}?signature=1`, headers: {} }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const path = decodeURI(new URL(request.url ?? '', url).pathname);
    requests.push({ method, path, range: headers.range });
    if (isHanging) return;
    const next = trouble.shift();
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) {
      pieces.push(piece);
      if (next === 'cut') return void request.socket.destroy();
    }
    if (typeof next === 'number') return void response.writeHead(next).end();
    if (typeof next === 'object') return void response.writeHead(next.status).end(next.text);
    if (method === 'PUT') objects.set(path, Buffer.concat(pieces));
    const object = objects.get(path);
    if (object === undefined) return void response.writeHead(404).end();
    if (method === 'PUT') return void response.end();
    answer(object, next === 'cut', request, response);
  }
}

function answer(object: Buffer, cut: boolean, request: IncomingMessage, response: ServerResponse): void {
  const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = object.subarray(first);
  response.writeHead(first > 0 ? 206 : 200, { 'content-length': rest.length });
  if (!cut) return void response.end(rest);
  response.write(rest.subarray(0, Math.ceil(rest.length / 2)), () => response.destroy());
}
