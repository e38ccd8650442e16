import { finishJob, type Ending } from '#controller/builds';
import type { Change, Journal } from '#controller/events';
import {
  findJob,
  findNode,
  forgetReboot,
  leaseOfNode,
  rebootingNodes,
  stepsOfJob,
  type Node,
  type Store,
} from '#controller/store';
import { adviceOf, toFootmanError, type FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import { rebootNode, type AttemptDeps } from './attempt.ts';

/** Turns the reboots that stand in the rows into calls to clouds, and ends the jobs of those that come to nothing. */
export interface RebootKeeper {
  /** One pass. Returns when the time of the next reboot is up. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no cloud is being asked to reboot this node. */
  nodeSettled(nodeId: string): Promise<void>;
  /** Resolves when no call to a cloud is under way. */
  settled(): Promise<void>;
}

interface Deps extends AttemptDeps {
  store: Store;
  journal: Journal;
  /** Aborted when the controller stops: its next life asks again. */
  signal: AbortSignal;
}

/** One reboot, from its first try on. It is remembered when it is done, too, so that this life of the controller asks once. */
interface Attempt {
  boot: string | null;
  calling: AbortController;
  /** Aborted when the reboot has ended, whatever its cloud may still say. */
  over: AbortController;
  done: Promise<void>;
  /** Why the last try came to nothing. */
  problem: FootmanError | null;
}

/** Each reboot is on its own, so that one that hangs keeps no other waiting. The agent that comes back ends it (`endReboot`). */
export function createRebootKeeper(deps: Deps): RebootKeeper {
  const { store, journal, clock, logger, signal } = deps;
  const attempts = new Map<string, Attempt>();

  return {
    async run() {
      const nodes = await rebootingNodes(store.db);
      await leaveAllBut(new Set(nodes.map(({ id }) => id)));
      let due: number | null = null;
      for (const node of nodes) {
        const at = await look(node);
        if (at !== null) due = Math.min(due ?? at, at);
      }
      return due;
    },
    concerns: (changes) => changes.some(isOfReboot),
    nodeSettled: (nodeId) => attempts.get(nodeId)?.done ?? Promise.resolve(),
    async settled() {
      await Promise.all([...attempts.values()].map(({ done }) => done));
    },
  };

  function isOfReboot({ kind, nodeId, data }: Change): boolean {
    if (kind === 'job') return data['cancelRequested'] === true && attempts.size > 0;
    if (kind !== 'node') return false;
    return typeof data['rebooting'] === 'boolean' || (data.state !== 'leased' && attempts.has(nodeId ?? ''));
  }

  /** Takes one step for the node. Returns when its time is up, as long as it has any. */
  async function look(node: Node): Promise<number | null> {
    if (node.state !== 'leased') {
      attempts.get(node.id)?.calling.abort(new Error('the node goes'));
      await forgetReboot(store.db, node.id);
      return null;
    }
    const { reboot_due_at: due } = node;
    const lease = await leaseOfNode(store.db, node.id);
    const job = lease && (await findJob(store.db, lease.job_id));
    if (due === null || job === undefined) return null;
    // While the machine is down nobody may drive the job.
    if (job.cancel_requested_at !== null) await end(node, { result: 'cancelled', reason: job.reason });
    else if (due <= clock.now())
      await end(node, { result: 'errored', reason: await overdue(node, job.id, due) });
    else {
      start(node);
      return due;
    }
    return null;
  }

  function start(node: Node): void {
    const known = attempts.get(node.id);
    if (known?.boot === node.boot || signal.aborted) return;
    const attempt: Attempt = {
      boot: node.boot,
      calling: new AbortController(),
      over: new AbortController(),
      done: Promise.resolve(),
      problem: null,
    };
    attempts.set(node.id, attempt);
    attempt.done = follow(node, attempt, known);
  }

  /** A call that was slower than the agent which it brought back may still be under way. */
  async function follow(node: Node, attempt: Attempt, before: Attempt | undefined): Promise<void> {
    const { calling } = attempt;
    before?.over.abort();
    calling.signal.addEventListener('abort', () => before?.calling.abort(calling.signal.reason), {
      once: true,
    });
    try {
      await drive(node, attempt, AbortSignal.any([signal, calling.signal]));
    } catch (error) {
      logger.error(
        { err: error, node: node.id },
        'the end of a failed reboot could not be recorded; its time will be up',
      );
    }
    await before?.done;
  }

  async function drive(node: Node, attempt: Attempt, until: AbortSignal): Promise<void> {
    try {
      await rebootNode(deps, node, (problem) => (attempt.problem = problem), {
        isOver: attempt.over.signal,
        signal: until,
      });
    } catch (error) {
      if (until.aborted) return;
      const reason = `its machine could not be rebooted: ${adviceOf(toFootmanError(error))}`;
      await end(node, { result: 'errored', reason });
    }
  }

  /** Ends the node's job, and with it the node, unless the reboot has ended meanwhile. */
  async function end({ id, boot }: Node, ending: Ending): Promise<void> {
    await journal.commit(async (tx) => {
      const still = (await rebootingNodes(tx.db)).find((node) => node.id === id && node.boot === boot);
      const lease = still && (await leaseOfNode(tx.db, id));
      if (lease?.state === 'active') await finishJob(tx, lease.job_id, { ...ending, from: ['running'] });
    });
  }

  async function overdue({ id }: Node, jobId: string, due: number): Promise<string> {
    const step = (await stepsOfJob(store.db, jobId)).find(({ state }) => state === 'running');
    const since = step?.started_at ?? null;
    const time = since === null ? 'in time' : `within ${formatDuration(due - since)}`;
    const problem = attempts.get(id)?.problem;
    const why = problem ? `: ${adviceOf(problem)}` : '';
    return `its machine did not come back from its reboot ${time}${why}`;
  }

  /** Their reboots have ended. The agent of the next boot may be here before the cloud has answered, which is waited for. */
  async function leaveAllBut(rebooting: ReadonlySet<string>): Promise<void> {
    for (const [id, attempt] of attempts) {
      if (rebooting.has(id)) continue;
      attempt.over.abort();
      const node = await findNode(store.db, id);
      if (node?.state !== 'leased') attempt.calling.abort(new Error('the node goes'));
      void attempt.done.then(() => attempts.get(id) === attempt && attempts.delete(id));
    }
  }
}
