import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A build as the API shows it, as far as tests look at it. */
export interface BuildView {
  id: string;
  number: number;
  state: string;
  result: string | null;
  reason: string | null;
  jobs: JobView[];
}

export interface JobView {
  id: string;
  key: string;
  state: string;
  result: string | null;
  reason: string | null;
  attempt: number;
  superseded: boolean;
  steps: {
    id: string;
    name: string;
    state: string;
    result: string | null;
    exitCode: number | null;
    signal: string | null;
    message: string | null;
  }[];
  artifacts: {
    id: string;
    name: string;
    state: string;
    files: number;
    bytes: number;
    reason: string | null;
  }[];
}

export interface EventView {
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  kind: string;
  buildId: string | null;
  jobId: string | null;
  nodeId: string | null;
  data: { id: string; state: string; [detail: string]: unknown };
}

/** The API as a test speaks it: by HTTP, as the administrator. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** Posts, and reads an answer of JSON lines to its end. */
  lines<T>(path: string): Promise<T[]>;
  submit(pipeline: string): Promise<BuildView>;
  build(id: string): Promise<BuildView>;
  /** Events from the beginning, then those that come; survives a controller that is killed and started again. */
  events(signal: AbortSignal): AsyncIterable<EventView>;
  /** Resolves with the first event that fits. */
  event(fits: (event: EventView) => boolean): Promise<EventView>;
  /** All events up to the first that fits. */
  eventsUntil(fits: (event: EventView) => boolean): Promise<EventView[]>;
  /** Resolves when no node is left, with all that there ever were. */
  drained(): Promise<{ nodes: { id: string; state: string }[] }>;
  /** Resolves with the build once it has finished. */
  finished(id: string): Promise<BuildView>;
  /** The whole log of a step, as it is now. */
  log(stepId: string): Promise<string>;
  /** Resolves once the log holds the text. */
  logged(stepId: string, text: string): Promise<void>;
}

export function createApiClient(url: string, data: string): ApiClient {
  const client: ApiClient = {
    get: (path) => json('GET', path),
    post: (path, body) => json('POST', path, body),
    put: (path, body) => json('PUT', path, body),
    delete: (path) => json('DELETE', path),
    async lines<T>(path: string) {
      const lines: T[] = [];
      for await (const line of linesOf(await call('POST', path))) lines.push(JSON.parse(line) as T);
      return lines;
    },
    submit: (pipeline) => client.post('/builds', { file: 'test.yaml', pipeline }),
    build: (id) => client.get(`/builds/${id}`),
    events,
    async eventsUntil(fits) {
      const done = new AbortController();
      const seen: EventView[] = [];
      try {
        for await (const event of events(done.signal)) {
          seen.push(event);
          if (fits(event)) return seen;
        }
      } finally {
        done.abort();
      }
      throw new Error('the events ended');
    },
    async event(fits) {
      return (await client.eventsUntil(fits)).at(-1) as EventView;
    },
    async drained() {
      const gone = new Set<string>();
      let living = await client.get<{ nodes: { id: string }[] }>('/nodes');
      while (living.nodes.length > 0) {
        await client.event(
          ({ kind, data }) =>
            kind === 'node' && data.state === 'deleted' && !gone.has(data.id) && !!gone.add(data.id),
        );
        living = await client.get('/nodes');
      }
      return client.get('/nodes?all=true');
    },
    async finished(id) {
      await client.event(
        ({ kind, data: { id: subject, state } }) =>
          kind === 'build' && subject === id && state === 'finished',
      );
      return client.build(id);
    },
    async log(stepId) {
      return (await call('GET', `/steps/${stepId}/log`)).text();
    },
    async logged(stepId, text) {
      const done = new AbortController();
      const response = await call('GET', `/steps/${stepId}/log?follow=true`, undefined, done.signal);
      let seen = '';
      try {
        for await (const chunk of response.body ?? []) {
          seen += Buffer.from(chunk).toString();
          if (seen.includes(text)) return;
        }
      } finally {
        done.abort();
      }
      throw new Error(`the log ended without ${JSON.stringify(text)}`);
    },
  };
  return client;

  async function* events(signal: AbortSignal): AsyncIterable<EventView> {
    let since = 0;
    while (!signal.aborted) {
      try {
        const response = await call('GET', `/events?since=${since}`, undefined, signal);
        for await (const line of linesOf(response)) {
          if (!line.startsWith('data: ')) continue;
          const event = JSON.parse(line.slice('data: '.length)) as EventView;
          since = event.seq;
          yield event;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isConnectionError(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await call(method, path, body)).json()) as T;
  }

  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const token = (await readFile(join(data, 'admin.token'), 'utf8')).trim();
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) return response;
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}

async function* linesOf(response: Response): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function isConnectionError(error: unknown): boolean {
  // `fetch` tells of a refused and of a broken connection so.
  return error instanceof TypeError;
}
