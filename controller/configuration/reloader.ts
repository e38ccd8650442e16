import type { Configuration } from '#controller/config';
import type { Change as Event, Journal } from '#controller/events';
import type { Fleet, Quota } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import type { LabelMatcher } from '#controller/matching';
import { liveNodes, queuedLabels, type Store } from '#controller/store';
import type { Change } from './change.ts';
import { compareConfigurations } from './compare.ts';
import { closeConnections, type Connection, type Connections } from './connections.ts';
import { effectsOf, type Effect } from './effects.ts';
import { applied } from './live.ts';
import { ReloadRefused } from './reload-refused.ts';
import { retireUnconfigured } from './retire-unconfigured.ts';
import { toOpenCloud } from './to-open-cloud.ts';

/** What another configuration would change, or has changed. */
export interface Outlook {
  changes: Change[];
  effects: Effect[];
}

/** The configuration of a running controller. */
export interface Reloader {
  /** What runs: that of the start, with all that reloads have applied since. */
  running(): Configuration;
  /** The file that it is read from, absolute; null where the built-in defaults hold. */
  readonly file: string | null;
  /**
   * What the file, or a text in its place, would change. Changes nothing.
   *
   * @throws ConfigurationMistakes
   */
  check(text?: string): Promise<Outlook>;
  /**
   * Reads the file again and applies it: all of it that a running controller can change, or nothing. One reload runs at a time; of several
   * at once, each reads the file for itself.
   *
   * @throws ConfigurationMistakes; ReloadRefused for what would leave nodes without the connection that made them.
   */
  reload(actor: string): Promise<Outlook>;
  /** Closes connections of clouds that are not configured any more once their last node is gone. */
  observe(events: readonly Event[]): void;
  /** Resolves when no reload is under way. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  logger: Logger;
  matcher: LabelMatcher;
  fleet: Fleet;
  connections: Connections;
  /** What the controller was started with; its clouds are the fleet's and have their connections. */
  started: Configuration;
  file: string | null;
  /** Reads the file, or takes the text for what stands in it. */
  load(text?: string): Promise<Configuration>;
  /** Resolves when what was planned with the fleet of before, if anything is being planned now, is in the store. */
  planned(): Promise<void>;
}

const NO_ROOM: Quota = { nodes: 0, cpus: null, memoryBytes: null };

export function createReloader(deps: Deps): Reloader {
  const { store, journal, logger, matcher, fleet, connections, file, load, planned } = deps;
  let running = deps.started;
  let last: Promise<unknown> = Promise.resolve();

  return {
    running: () => running,
    file,
    check: async (text) => outlookOn(await load(text)),
    reload: (actor) => afterwards(async () => reload(await load(), actor)),
    observe(events) {
      if (leaving().length > 0 && events.some(isRemoval)) afterwards(closeEmpty).catch(tell);
    },
    async settled() {
      await last.catch(() => undefined);
    },
  };

  async function reload(next: Configuration, actor: string): Promise<Outlook> {
    const outlook = await outlookOn(next);
    refuse(outlook.changes);
    const fresh = await connections.openMissing(next.clouds);
    try {
      await setAside(fresh, next);
      await connections.use(fresh);
    } catch (error) {
      await closeConnections(fresh);
      throw error;
    }
    const { logLevel } = running;
    running = applied(running, next);
    offer(running);
    if (running.logLevel !== logLevel) logger.level = running.logLevel;
    await planned();
    await retireUnconfigured({ journal, fleet });
    await closeEmpty();
    await note(outlook, actor);
    return outlook;
  }

  /**
   * A connection may take another one's place only while no node comes: its cloud has room for none before the last look. It stays in the
   * fleet all the same, or jobs that wait for it would be told that nobody has what they need.
   */
  async function setAside(fresh: readonly Connection[], next: Configuration): Promise<void> {
    const replaced = new Set(fresh.flatMap(({ name }) => (connections.of(name) === undefined ? [] : [name])));
    if (replaced.size === 0) return;
    const before = fleet.clouds();
    fleet.replace(
      before.map((cloud) => (replaced.has(cloud.name) ? { ...cloud, quota: NO_ROOM } : cloud)),
      leaving(),
    );
    try {
      await planned();
      refuse((await outlookOn(next)).changes);
    } catch (error) {
      fleet.replace(before, leaving());
      throw error;
    }
  }

  async function outlookOn(next: Configuration): Promise<Outlook> {
    const [nodes, queued] = await Promise.all([liveNodes(store.db), queuedLabels(store.db)]);
    const surroundings = { nodes, leaving: leaving().map(({ configuration }) => configuration) };
    return {
      changes: compareConfigurations(running, next, surroundings),
      effects: effectsOf({ running, next, nodes, queued, matcher }),
    };
  }

  function offer({ clouds }: Configuration): void {
    const open = clouds.map((configured) => {
      const cloud = connections.of(configured.name);
      if (cloud === undefined) throw new Error(`cloud ${configured.name} has no connection`);
      return toOpenCloud(configured, cloud);
    });
    fleet.replace(open, leaving());
  }

  function leaving(): Connection[] {
    const configured = new Set(running.clouds.map(({ name }) => name));
    return connections.all().filter(({ name }) => !configured.has(name));
  }

  async function closeEmpty(): Promise<void> {
    const used = new Set((await liveNodes(store.db)).map(({ cloud }) => cloud));
    const empty = leaving().flatMap(({ name }) => (used.has(name) ? [] : [name]));
    if (empty.length === 0) return;
    const closed = connections.close(empty);
    offer(running);
    await closed;
    for (const cloud of empty)
      logger.info({ cloud }, 'a cloud that was removed from the configuration is closed');
  }

  async function note({ changes }: Outlook, actor: string): Promise<void> {
    const sentences = changes.flatMap(({ takes, sentence }) => (takes === 'now' ? [sentence] : []));
    logger.info({ actor, changes: sentences }, 'the configuration was reloaded');
    await journal.commit((tx) =>
      tx.record({
        kind: 'configuration',
        data: { id: 'configuration', state: 'reloaded', actor, changes: sentences },
      }),
    );
  }

  function afterwards<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work, work);
    last = done;
    return done;
  }

  function tell(error: unknown): void {
    logger.error({ err: error }, 'a cloud could not be closed; the next removal of a node tries again');
  }
}

function refuse(changes: readonly Change[]): void {
  if (changes.some(({ takes }) => takes === 'refused')) throw new ReloadRefused(changes);
}

function isRemoval({ kind, data }: Event): boolean {
  return kind === 'node' && data.state === 'deleted';
}
