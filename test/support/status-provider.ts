import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The API of a git provider as far as commit statuses go: it answers by a script and keeps what it was asked. */
export interface StatusProvider {
  url: string;
  readonly requests: readonly StatusCall[];
  /** Most requests that were open at the same time. */
  readonly mostAtOnce: number;
  /** The next answers, in order; then, and without any, each status is created. */
  script(...answers: Answer[]): void;
  /** Resolves once so many requests have come in. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface StatusCall {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

export type Answer =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** Takes the request and never answers. */
  | 'hang'
  /** Begins the answer and never ends it. */
  | 'drip'
  /** Cuts the connection. */
  | 'reset'
  /** Answers when the promise resolves. */
  | { after: Promise<void> };

export async function startStatusProvider(): Promise<StatusProvider> {
  const requests: StatusCall[] = [];
  const answers: Answer[] = [];
  const waiting = new Set<{ count: number; resolve: () => void }>();
  let open = 0;
  let mostAtOnce = 0;

  const server = createServer((request, response) => {
    open += 1;
    mostAtOnce = Math.max(mostAtOnce, open);
    response.once('close', () => (open -= 1));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      });
      reply(answers.shift() ?? { status: 201, body: { id: 1 } }, response);
      for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get mostAtOnce() {
      return mostAtOnce;
    },
    script: (...next) => void answers.push(...next),
    async received(count) {
      if (requests.length >= count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ count, resolve });
      await promise;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reply(answer: Answer, response: ServerResponse): void {
  if (answer === 'hang') return;
  if (answer === 'reset') return void response.socket?.resetAndDestroy();
  if (answer === 'drip') {
    response.writeHead(201, { 'content-type': 'application/json' }).write('{');
    return;
  }
  if ('after' in answer) return void answer.after.then(() => reply({ status: 201 }, response));
  const { status, headers, body } = answer;
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body ?? {}));
}
