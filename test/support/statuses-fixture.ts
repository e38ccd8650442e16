import { createJournal, type Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { createStatuses, type Statuses } from '#controller/statuses';
import {
  insertBuild,
  insertProject,
  newId,
  statusesOfProject,
  swapState,
  type Build,
  type BuildState,
  type CommitStatus,
  type Project,
  type Result,
  type Store,
} from '#controller/store';
import { startStatusProvider, type StatusProvider } from '#test/status-provider';
import { afterEach, beforeEach, expect } from 'vitest';
import { buildRow } from '../contracts/store/rows.ts';

export const SHA = 'a'.repeat(40);
export const TOKEN = 'glpat-abcdefgh12345678';
const never = new AbortController().signal;

/** A project, the provider that is told of its builds, and the time between them; all in a test's hand. */
export interface StatusesWorld {
  readonly store: Store;
  readonly journal: Journal;
  readonly provider: StatusProvider;
  /** By `scope/name`. The project `shop` has its token. */
  readonly secrets: Map<string, string>;
  /** Whose builds `addBuild` adds. */
  project: Project;
  /** The controller's part, and what stops the one that was started last. */
  statuses: Statuses;
  stopping: AbortController;
  time: number;
  /** Another controller on the same store. */
  start(options?: { timeoutMs?: number }): Statuses;
  tellAll(): Promise<void>;
  /** Lets time pass; whoever waited for it works, and is waited for. */
  advance(ms: number): Promise<void>;
  /** What the provider was told. */
  bodies(): Record<string, unknown>[];
  /** What is noted of the project's newest build. */
  row(): Promise<CommitStatus>;
  addProject(provider: Project['provider'], name?: string, change?: Partial<Project>): Promise<Project>;
  /** `silently`: no controller hears of it. */
  addBuild(change?: Partial<Build>, options?: { silently?: boolean }): Promise<Build>;
  move(build: Build, to: BuildState, result?: Result | null, reason?: string | null): Promise<void>;
}

/** Registers the hooks of a suite. After each test, the log must not have the token. */
export function useStatuses(context: { readonly store: Store }): StatusesWorld {
  let made: StatusesWorld | undefined;
  let logged: string[] = [];

  beforeEach(async () => {
    logged = [];
    made = await open(context.store, logged);
  });
  afterEach(async () => {
    made?.stopping.abort();
    await made?.statuses.settled();
    await made?.provider.close();
    expect(logged.join('')).not.toContain(TOKEN);
  });

  return new Proxy({} as StatusesWorld, {
    get: (_, key) => Reflect.get(theWorld(), key) as unknown,
    set: (_, key, value) => Reflect.set(theWorld(), key, value),
  });

  function theWorld(): StatusesWorld {
    if (made === undefined) throw new Error('no test runs');
    return made;
  }
}

async function open(store: Store, logged: string[]): Promise<StatusesWorld> {
  const provider = await startStatusProvider();
  const secrets = new Map([['project:shop/token', TOKEN]]);
  const logger = createLogger('debug', { write: (line) => void logged.push(line) });
  const timers = new Set<{ at: number; action: () => void }>();
  const clock = {
    now: () => world.time,
    after(ms: number, action: () => void) {
      const timer = { at: world.time + ms, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const journal = createJournal({ store, clock });
  const world: Omit<StatusesWorld, 'project' | 'statuses'> = {
    store,
    journal,
    provider,
    secrets,
    stopping: new AbortController(),
    time: Date.parse('2026-01-01T00:00Z'),
    start,
    async tellAll() {
      await complete.statuses.run(never);
      await complete.statuses.settled();
    },
    async advance(ms) {
      world.time += ms;
      for (const timer of timers) if (timer.at <= world.time && timers.delete(timer)) timer.action();
      await complete.statuses.settled();
    },
    bodies: () => provider.requests.map(({ body }) => body),
    async row() {
      const [row] = await statusesOfProject(store.db, complete.project.id, 1);
      if (row === undefined) throw new Error('nothing is noted');
      return row;
    },
    addProject,
    async addBuild(change = {}, { silently = false } = {}) {
      const source = { blob: 'sources/x', bytes: 1, sha256: 'x', commit: SHA, ref: null };
      const { id: projectId } = complete.project;
      const values = buildRow({
        pipeline: 'ci',
        project_id: projectId,
        source,
        created_at: world.time,
        ...change,
      });
      if (silently) return insertBuild(store.db, values);
      return journal.commit(async (tx) => {
        const build = await insertBuild(tx.db, values);
        await tx.record({ kind: 'build', buildId: build.id, data: { id: build.id, state: build.state } });
        return build;
      });
    },
    async move({ id }, to, result = null, reason = null) {
      const set = { result, reason, finished_at: world.time };
      await journal.commit(async (tx) => {
        await swapState(tx.db, 'builds', id, ['queued', 'running'], to, set, world.time);
        await tx.record({ kind: 'build', buildId: id, data: { id, state: to } });
      });
    },
  };
  const complete: StatusesWorld = Object.assign(world, {
    statuses: start(),
    project: await addProject('github'),
  });
  return complete;

  function start(options: { timeoutMs?: number } = {}): Statuses {
    world.stopping = new AbortController();
    const statuses = createStatuses({
      store,
      clock,
      logger,
      secrets: {
        valueOf: async (scopes, name) =>
          scopes.map((scope) => secrets.get(`${scope}/${name}`)).find((value) => value !== undefined),
      },
      publicUrl: 'https://ci.example/footman/',
      signal: world.stopping.signal,
      timeoutMs: 250,
      random: () => 1,
      ...options,
    });
    journal.subscribe((changes) => void statuses.observe(changes));
    return statuses;
  }

  function addProject(
    kind: Project['provider'],
    name = 'shop',
    change: Partial<Project> = {},
  ): Promise<Project> {
    return insertProject(store.db, {
      id: newId(),
      name,
      provider: kind,
      repository: 'https://git.example/acme/shop.git',
      api_url: provider.url,
      default_branch: 'main',
      pipelines: ['ci.yaml'],
      token_secret: 'token',
      ssh_key_secret: null,
      webhook_secret: null,
      known_hosts: null,
      depth: null,
      share: 1,
      created_at: world.time,
      ...change,
    });
  }
}
