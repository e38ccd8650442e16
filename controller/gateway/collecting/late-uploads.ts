import type { Logger } from '#controller/logger';
import { moveArtifact } from '#controller/artifacts';
import {
  findBuild,
  findJob,
  findNode,
  patchArtifact,
  waitingOnNode,
  type Job,
  type WaitingArtifact,
} from '#controller/store';
import { abortable } from '#shared/abortable';
import type { Contexts } from '#shared/expressions';
import type { AgentMessage } from '#shared/protocol';
import type { Activity, AgentLink } from '../activity.ts';
import type { Connection } from '../connection.ts';
import type { LeaseRunDeps } from '../job-deps.ts';
import type { ConnectedAgent } from '../connected-agent.ts';
import { openScene } from '../scene.ts';
import { statusOf } from '../status-of.ts';
import { specOf } from './artifact-spec.ts';
import type { ArtifactProgress } from './artifact-run.ts';
import { tryArtifact, type Attempt } from './try-artifact.ts';

/** Artifacts that wait for the storage when their jobs have ended: they are tried again over the connections of their nodes' agents. */
export interface LateUploads {
  /** Sees to it that what waits on the node is tried, if its agent is connected here and its job has ended. */
  drive(nodeId: string): void;
  message(nodeId: string, connection: Connection, message: AgentMessage): void;
  /** The grace for the agent of a node whose files wait; undefined where none do. */
  graceMs(nodeId: string): Promise<number | undefined>;
  /** The connection is gone. */
  detach(nodeId: string, connection: Connection): void;
  /** Resolves when nothing is tried any more. */
  settled(): Promise<void>;
}

type Deps = LeaseRunDeps & {
  logger: Logger;
  agentOf(nodeId: string): ConnectedAgent | undefined;
  /** Aborted when the controller lets go of all nodes. */
  signal: AbortSignal;
};

/** What is tried over one connection. */
interface LateRun {
  connection: Connection;
  abort: AbortController;
  activity: Activity | undefined;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

export function createLateUploads(deps: Deps): LateUploads {
  const { store, journal, clock, logger, agentOf, signal } = deps;
  const runs = new Map<string, LateRun>();
  const endings = new Set<Promise<void>>();

  return {
    drive(nodeId) {
      const agent = agentOf(nodeId);
      if (agent?.welcomed !== true || runs.has(nodeId) || signal.aborted) return;
      const run: LateRun = {
        connection: agent.connection,
        abort: new AbortController(),
        activity: undefined,
      };
      runs.set(nodeId, run);
      const ended = collectAll(nodeId, run)
        .catch((error: unknown) => {
          if (!signal.aborted && !run.abort.signal.aborted)
            logger.error(
              { err: error, node: nodeId },
              'what a node keeps could not be asked for; it is tried again',
            );
        })
        .finally(() => {
          if (runs.get(nodeId) === run) runs.delete(nodeId);
          endings.delete(ended);
        });
      endings.add(ended);
    },
    message(nodeId, connection, message) {
      const run = runs.get(nodeId);
      if (run?.connection === connection) run.activity?.message(message);
    },
    async graceMs(nodeId) {
      if ((await findNode(store.db, nodeId))?.state !== 'uploading') return undefined;
      const untils = (await waitingOnNode(store.db, nodeId)).map(({ waits_until: until }) => until ?? 0);
      return Math.max(0, ...untils.map((until) => until - clock.now()));
    },
    detach(nodeId, connection) {
      const run = runs.get(nodeId);
      if (run?.connection !== connection) return;
      runs.delete(nodeId);
      run.abort.abort(new Error('its agent has gone'));
    },
    async settled() {
      await Promise.allSettled(endings);
    },
  };

  async function collectAll(nodeId: string, run: LateRun): Promise<void> {
    const until = AbortSignal.any([signal, run.abort.signal]);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const waiting = (await waitingOnNode(store.db, nodeId)).filter(isOpen);
      let isAgain = false;
      for (const artifact of waiting) isAgain = (await collect(artifact, run, until)) || isAgain;
      if (!isAgain) return;
      await pause(pauseMs, until);
    }
  }

  /** Its node serves no job any more, and its time is not up. */
  function isOpen({ node_state: state, waits_until: until }: WaitingArtifact): boolean {
    return (state === 'uploading' || state === 'held') && (until ?? 0) > clock.now();
  }

  /** Whether it is to be tried again. */
  async function collect(artifact: WaitingArtifact, run: LateRun, until: AbortSignal): Promise<boolean> {
    const job = await findJob(store.db, artifact.job_id);
    if (job === undefined) return false;
    const owner = { id: job.id, build_id: job.build_id };
    const spec = await specOf(deps, job, artifact, await contextsOf(job, artifact));
    if (typeof spec === 'string') {
      await journal.commit((tx) =>
        moveArtifact(tx, owner, artifact.id, ['waiting'], 'failed', { reason: spec, finished_at: tx.at }),
      );
      return false;
    }
    const link: AgentLink = {
      send: (message) => run.connection.send(message),
      cut: () => undefined,
    };
    const deadline = new AbortController();
    const leftMs = Math.max(0, (artifact.waits_until ?? 0) - clock.now());
    const callOff = clock.after(leftMs, () => deadline.abort());
    const begin = (activity: Activity): void => {
      run.activity = activity;
      activity.attached();
    };
    try {
      const attempt = await tryArtifact({
        ...deps,
        job: owner,
        artifact,
        spec,
        ...(artifact.node_state === 'uploading' && { graceMs: leftMs }),
        link,
        begin,
        progress: noteFirstTrouble(artifact),
        signal: AbortSignal.any([until, deadline.signal]),
      });
      return await noteOf(artifact, attempt);
    } catch (error) {
      if (until.aborted || !deadline.signal.aborted) throw error;
      // Its keeper ends it; the agent need not go on.
      link.send({ type: 'artifact.ack', artifact: artifact.id });
      return false;
    } finally {
      run.activity = undefined;
      callOff();
    }
  }

  /** Whoever looks at it meanwhile sees what it waits for, and so do those who find it failed. Once in a try: agents may say much. */
  function noteFirstTrouble({ id, reason }: WaitingArtifact): (progress: ArtifactProgress) => void {
    let isNoted = false;
    return ({ trouble }) => {
      if (isNoted || trouble === undefined) return;
      isNoted = true;
      if (trouble === reason) return;
      patchArtifact(store.db, id, ['waiting'], { reason: trouble }).catch((error: unknown) => {
        logger.warn({ err: error, artifact: id }, 'why an artifact waits could not be noted');
      });
    };
  }

  async function noteOf({ id, name, reason }: WaitingArtifact, attempt: Attempt): Promise<boolean> {
    if (attempt.kind !== 'again') {
      logger.info(
        { artifact: id, name, outcome: attempt.kind },
        'an artifact that waited for the storage has its end',
      );
      return false;
    }
    if (attempt.reason !== reason) await patchArtifact(store.db, id, ['waiting'], { reason: attempt.reason });
    return true;
  }

  async function contextsOf(job: Job, artifact: WaitingArtifact): Promise<Contexts> {
    const build = await findBuild(store.db, job.build_id);
    if (build === undefined) throw new Error(`job ${job.id} has no build`);
    // What names files sees no secret.
    const secrets = { resolve: () => Promise.resolve(new Map<string, string>()) };
    const scene = await openScene({ store, secrets }, build, job, artifact.node_id ?? '');
    return scene.contexts(statusOf({ result: job.result ?? 'errored', reason: null }));
  }

  function pause(ms: number, until: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    return abortable(over.promise, until).finally(clock.after(ms, over.resolve));
  }
}
