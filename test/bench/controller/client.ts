import { Agent, request, type IncomingMessage } from 'node:http';
import { json, text } from 'node:stream/consumers';

/** The API over one kept-alive connection, with as little of its own as can be: what it costs is in every measurement. */
export interface Client {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Resolves once the headers are there. */
  open(path: string): Promise<IncomingMessage>;
  close(): void;
}

export function createClient(url: string, token: string): Client {
  const agent = new Agent({ keepAlive: true });

  return {
    get: async <T>(path: string) => (await json(await call('GET', path))) as T,
    post: async <T>(path: string, body: unknown) => (await json(await call('POST', path, body))) as T,
    open: (path) => call('GET', path),
    close: () => agent.destroy(),
  };

  async function call(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    };
    request(`${url}/api/v1${path}`, { agent, method, headers }, resolve).on('error', reject).end(payload);
    const response = await promise;
    const { statusCode = 0 } = response;
    if (statusCode < 300) return response;
    throw new Error(`${method} ${path}: ${statusCode} ${await text(response)}`);
  }
}
