import type { Client } from './client.ts';

/** What has happened so far, as server-sent events told it. */
export interface Feed {
  builds: ReadonlyMap<string, BuildEnd>;
  /** States of the nodes that are not gone. */
  nodes: ReadonlyMap<string, string>;
  /** Resolves as soon as it holds; it is asked again at every event. */
  until(holds: () => boolean, what: string, patienceMs?: number): Promise<void>;
  close(): void;
}

export interface BuildEnd {
  result: string;
  /** When its event was here, as `performance.now()` tells time. */
  at: number;
}

interface Event {
  kind: string;
  data: { id: string; state: string; result?: string };
}

interface Waiting {
  holds(): boolean;
  promise: PromiseWithResolvers<void>;
}

const PATIENCE_MS = 120_000;
const PREFIX = 'data: ';

export async function openFeed(client: Client): Promise<Feed> {
  const builds = new Map<string, BuildEnd>();
  const nodes = new Map<string, string>();
  const waiting = new Set<Waiting>();
  const stream = await client.open('/events?since=0');
  let unread = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (unread + chunk).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith(PREFIX)) receive(JSON.parse(line.slice(PREFIX.length)));
    settle();
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    for (const { promise } of waiting) promise.reject(new Error('the controller closed its events'));
  });

  return { builds, nodes, until, close: () => stream.destroy() };

  function receive({ kind, data: { id, state, result = '' } }: Event): void {
    if (kind === 'build' && state === 'finished') builds.set(id, { result, at: performance.now() });
    if (kind === 'node' && state === 'deleted') nodes.delete(id);
    else if (kind === 'node') nodes.set(id, state);
  }

  function settle(): void {
    for (const one of waiting) if (one.holds()) one.promise.resolve();
  }

  async function until(holds: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
    if (holds()) return;
    const one = { holds, promise: Promise.withResolvers<void>() };
    const patience = setTimeout(
      () => one.promise.reject(new Error(`waited ${patienceMs / 1000} s for ${what}`)),
      patienceMs,
    );
    waiting.add(one);
    try {
      await one.promise.promise;
    } finally {
      clearTimeout(patience);
      waiting.delete(one);
    }
  }
}
