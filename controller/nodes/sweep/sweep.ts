import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { findNode, type Node, type Store } from '#controller/store';
import { adviceOf } from '#shared/errors';
import { isAtWork, mustExist } from './judge.ts';
import { createLeakRemoval } from './leak-removal.ts';
import { listAll, look, suspectsOf, type View } from './look.ts';

export interface Sweep {
  /** Starts to sweep each cloud whose time has come, each on its own. Returns when the next is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Why the cloud could not be listed the last time; null when it could. */
  problemOf(cloud: string): CloudProblem | null;
  /** When the cloud was last listed with success, in milliseconds since the epoch; null when not since the start. */
  lastListed(cloud: string): number | null;
  /** What the sweep would see now, and do. Changes nothing; throws what the listing throws. */
  preview(cloud: string, signal: AbortSignal): Promise<View>;
  /** Resolves when no sweep is under way. */
  settled(): Promise<void>;
}

export interface CloudProblem {
  /** Of the last try. */
  message: string;
  /** Since when, in milliseconds since the epoch. */
  at: number;
}

export interface SweepSettings {
  intervalMs: number;
  /** Age under which a resource or a node is left alone. */
  graceMs: number;
}

/** A cloud that could not be listed is looked at again after so long, in milliseconds, if not sooner: much waits for it to come back. */
const RETRY_MS = 5_000;

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  fleet: Fleet;
  /** A node whose resource has vanished. */
  onVanished(node: Node): Promise<void>;
  /** Those that hold now. */
  settings(): SweepSettings;
}

/** What is remembered of a cloud from sweep to sweep. */
interface Memory {
  /** Another one of the same name is another cloud. */
  cloud: Cloud;
  suspects: ReadonlySet<string>;
  listedAt: number | null;
  problem: CloudProblem | null;
  dueAt: number;
  underWay: boolean;
}

/**
 * The two-sided sweep (L5): resources without a living row are removed, rows whose resource has vanished are told. Only what bears our tag
 * is looked at, only what is older than the grace, and only what two *successful* listings in a row agree on; a listing that fails says
 * nothing. Clouds are swept each on its own: one that hangs delays no other (L6).
 */
export function createSweep({ store, journal, clock, logger, fleet, onVanished, settings }: Deps): Sweep {
  const memories = new Map<string, Memory>();
  const underWay = new Set<Promise<void>>();
  const leakRemoval = createLeakRemoval({ store, journal, clock, logger });

  return {
    async run(signal) {
      const now = clock.now();
      const next = now + settings().intervalMs;
      forgetOthers();
      const dues = fleet.connections().map(({ name, cloud }) => {
        const memory = memoryOf(name, cloud);
        // A reload may have made the interval shorter.
        memory.dueAt = Math.min(memory.dueAt, next);
        if (!memory.underWay && memory.dueAt <= now) {
          memory.dueAt = next;
          follow(name, memory, signal);
        }
        // It may fail.
        return memory.underWay ? Math.min(next, now + RETRY_MS) : memory.dueAt;
      });
      return Math.min(next, ...dues);
    },
    problemOf: (name) => memories.get(name)?.problem ?? null,
    lastListed: (name) => memories.get(name)?.listedAt ?? null,
    async preview(name, signal) {
      const cloud = fleet.connection(name);
      if (cloud === undefined) throw new Error(`cloud ${name} is not configured`);
      return lookAt(name, memoryOf(name, cloud), signal);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };

  function forgetOthers(): void {
    for (const name of memories.keys()) if (fleet.connection(name) === undefined) memories.delete(name);
  }

  function memoryOf(name: string, cloud: Cloud): Memory {
    const known = memories.get(name);
    if (known !== undefined && known.cloud === cloud) return known;
    const fresh = {
      cloud,
      suspects: new Set<string>(),
      listedAt: null,
      problem: null,
      dueAt: 0,
      underWay: false,
    };
    memories.set(name, fresh);
    return fresh;
  }

  function follow(name: string, memory: Memory, signal: AbortSignal): void {
    memory.underWay = true;
    const done = sweepCloud(name, memory, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) logger.error({ err: error, cloud: name }, 'a sweep failed; it is done again');
      })
      .finally(() => {
        memory.underWay = false;
        underWay.delete(done);
      });
    underWay.add(done);
  }

  async function sweepCloud(name: string, memory: Memory, signal: AbortSignal): Promise<void> {
    const view = await lookOrNote(name, memory, signal);
    if (view === undefined) return;
    memory.suspects = suspectsOf(view);
    await Promise.all([
      leakRemoval.act(name, memory.cloud, view, signal),
      tellLost(memory.cloud, view, signal),
    ]);
  }

  async function lookOrNote(name: string, memory: Memory, signal: AbortSignal): Promise<View | undefined> {
    let view: View;
    try {
      view = await lookAt(name, memory, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      const message = adviceOf(error);
      logger.debug({ err: error, cloud: name }, 'a cloud could not be listed; nothing follows from that');
      if (memory.problem === null) await tell(name, 'unreachable', message);
      memory.problem = { message, at: memory.problem?.at ?? clock.now() };
      memory.dueAt = Math.min(memory.dueAt, clock.now() + RETRY_MS);
      return undefined;
    }
    if (memory.problem !== null) await tell(name, 'reachable', null);
    memory.problem = null;
    memory.listedAt = clock.now();
    return view;
  }

  /** Others wait for a cloud to come back: removals, and breakers that are open. */
  async function tell(
    name: string,
    state: 'reachable' | 'unreachable',
    reason: string | null,
  ): Promise<void> {
    await journal.commit((tx) => tx.record({ kind: 'cloud', data: { id: name, state, reason } }));
    if (state === 'reachable') logger.info({ cloud: name }, 'a cloud answers again');
    else logger.warn({ cloud: name, reason }, 'a cloud does not answer; it is asked again');
  }

  function lookAt(name: string, { cloud, suspects }: Memory, signal: AbortSignal): Promise<View> {
    return look(name, cloud, { store, clock, suspects, graceMs: settings().graceMs }, signal);
  }

  async function tellLost(cloud: Cloud, view: View, signal: AbortSignal): Promise<void> {
    const lost = view.missing.filter(({ verdict }) => verdict === 'lost').map(({ node }) => node);
    if (lost.length === 0) return;
    // One last look, for a job may hang on it: listings lag, and agents come back.
    const seen = new Set((await listAll(cloud, clock, signal)).map(({ nodeId }) => nodeId));
    for (const { id } of lost) {
      const node = await findNode(store.db, id);
      if (node !== undefined && !seen.has(id) && mustExist(node) && !isAtWork(node)) await onVanished(node);
    }
  }
}
