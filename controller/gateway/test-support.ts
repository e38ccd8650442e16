import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsBlobs } from '#controller/blobs';
import { moveJob, sentByHand, submitBuild } from '#controller/builds';
import { createCaches } from '#controller/caches';
import { createJournal, type Journal } from '#controller/events';
import { grantLease } from '#controller/leases';
import { createLogs, type Logs } from '#controller/logs';
import type { Secrets } from '#controller/secrets';
import { plannedNode } from '#controller/provisioner';
import {
  findJob,
  insertNode,
  jobsOfBuild,
  newId,
  openStore,
  type Build,
  type Job,
  type Node,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import type { ControllerMessage, ControllerMessageOf } from '#shared/protocol';
import { createHandClock, type HandClock } from '../clock/test-support.ts';
import type { Connection } from './connection.ts';
import type { LeaseRunDeps } from './job-deps.ts';

/** An agent's connection, from the agent's side. */
export interface StandIn extends Connection {
  readonly sent: ControllerMessage[];
  /** The first message of that type, now or later. */
  received<T extends ControllerMessage['type']>(type: T): Promise<ControllerMessageOf<T>>;
}

export function createStandIn(): StandIn {
  const sent: ControllerMessage[] = [];
  const waiting = new Set<() => void>();
  return {
    sent,
    send(message) {
      sent.push(message);
      for (const look of waiting) look();
    },
    sendChannel: (_channel, _bytes, out) => out(),
    cut: () => undefined,
    refuse: () => undefined,
    confirmed: () => Promise.resolve(),
    beat: () => undefined,
    async received<T extends ControllerMessage['type']>(type: T) {
      for (;;) {
        const found = sent.find((message): message is ControllerMessageOf<T> => message.type === type);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

/** A store with one job that has just got its node, and what a run of it needs. */
export interface LeasedJob extends AsyncDisposable {
  deps: LeaseRunDeps & { clock: HandClock; secrets: Pick<Secrets, 'resolve' | 'forDebugging'> };
  store: Store;
  journal: Journal;
  logs: Logs;
  build: Build;
  /** As it was when it got its node. */
  job: Job;
  nodeId: string;
  now(): Promise<Job | undefined>;
}

export const LIMITS = {
  logBytes: 1024 * 1024,
  graceMs: 10_000,
  artifactsMs: 600_000,
  uploadsMs: 3_600_000,
  artifactFiles: 3,
  artifactBytes: 1000,
  reportBytes: 500,
};

/** The pipeline has one job; `given` are the secrets that there are. */
export async function leaseJob(source: string, given: Record<string, string> = {}): Promise<LeasedJob> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-gateway-'));
  const clock = createHandClock();
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const logs = createLogs({ folder: join(folder, 'logs') });
  const blobs = await openFsBlobs({ folder: join(folder, 'blobs'), secret: 'secret' });
  const secrets = {
    resolve: () => Promise.resolve(new Map(Object.entries(given))),
    forDebugging: () => Promise.resolve({ allowed: new Map(Object.entries(given)), denied: new Map() }),
  };
  const caches = createCaches({ store, blobs, clock });
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const build = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const node = readyNode(clock.now());
  await insertNode(store.db, node);
  const [queued] = await jobsOfBuild(store.db, build.id);
  const job = await journal.commit(async (tx) => {
    const leased = queued && (await moveJob(tx, queued.id, ['queued'], 'leased'));
    if (leased === undefined) throw new Error('the pipeline has no job that waits');
    await grantLease(tx, leased, [{ nodeId: node.id, role: 'main' }]);
    return leased;
  });
  return {
    deps: {
      store,
      journal,
      clock,
      logs,
      blobs,
      secrets,
      caches,
      limits: LIMITS,
      canReboot: () => true,
      canCapture: () => true,
    },
    store,
    journal,
    logs,
    build,
    job,
    nodeId: node.id,
    now: () => findJob(store.db, job.id),
    async [Symbol.asyncDispose]() {
      await logs.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A node that waits for its job since then. */
export function readyNode(at: number): Node {
  const template = { cloud: 'local', name: 'host', digest: '', labels: new Set(['linux']) };
  const connected = { bootstrap_used_at: at, session_epoch: 1, launched_at: at, connected_at: at };
  return {
    ...plannedNode(newId(), { template, request: null }, at),
    ...connected,
    state: 'ready',
    ready_at: at,
  };
}
