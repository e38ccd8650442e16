import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Change } from '#controller/events';
import type { Logger } from '#controller/logger';
import { activeLeaseOfJob, findBuild, findJob, nodesOfLease, type Job } from '#controller/store';
import { FootmanError, toFootmanError } from '#shared/errors';
import {
  LOG_HEADER_BYTES,
  MAX_CONTROL_BYTES,
  MAX_LOG_FRAME_BYTES,
  type AgentMessageOf,
} from '#shared/protocol';
import { admit, confirm, leave, type Admission, type AdmissionDeps } from './admission.ts';
import { createConnection, type Connection } from './connection.ts';
import { startLeaseRun, type LeaseRun, type LeaseRunDeps } from './lease-run.ts';

/** Where agents dial: holds their connections and drives the jobs of their leases. */
export interface Gateway {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Drives a job that has just got its node, stops one that is to be cancelled, lets go of what ended elsewhere. */
  observe(changes: readonly Change[]): void;
  /** Agents connected at the moment. */
  connections(): number;
  /** Closes all connections and lets go of all jobs, which go on; the agents come back to whoever listens next. */
  close(): Promise<void>;
}

type Deps = LeaseRunDeps & AdmissionDeps & { logger: Logger; graceMs: number };

/** The path of the WebSocket. */
export const AGENT_PATH = '/agent/v1';

const BEAT_MS = 5_000;
/** Time for the first message of a connection. */
const HELLO_MS = 10_000;

interface Attached {
  connection: Connection;
  admission: Admission;
}

export function createGateway(deps: Deps): Gateway {
  const { store, clock, logger, tokens, graceMs } = deps;
  const closing = new AbortController();
  const agents = new Map<string, Attached>();
  const runs = new Map<string, LeaseRun>();
  const starting = new Map<string, Promise<void>>();
  const endings = new Set<Promise<void>>();
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: Math.max(MAX_CONTROL_BYTES, LOG_HEADER_BYTES + MAX_LOG_FRAME_BYTES),
  });
  const heart = setInterval(() => {
    for (const { connection } of agents.values()) connection.beat();
  }, BEAT_MS).unref();

  return { upgrade, observe, connections: () => agents.size, close };

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (closing.signal.aborted) {
      socket.destroy();
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      let greeted: Promise<void> | undefined;
      let attached: Attached | undefined;
      const impatience = setTimeout(() => webSocket.terminate(), HELLO_MS).unref();
      const connection = createConnection(webSocket, clock, {
        message(message) {
          if (attached !== undefined) runs.get(attached.admission.node.id)?.message(message);
          else if (message.type !== 'hello' || greeted !== undefined) throw outOfOrder(message.type);
          else {
            clearTimeout(impatience);
            greeted = greet(connection, message).then(
              (admitted) => void (attached = admitted),
              (error: unknown) => turnAway(connection, error),
            );
          }
        },
        log(frame) {
          if (attached === undefined) throw outOfOrder('a log frame');
          runs.get(attached.admission.node.id)?.log(frame);
        },
        closed() {
          clearTimeout(impatience);
          // One that closes while it is being greeted is seen off when that is done.
          void (greeted ?? Promise.resolve()).then(() => attached && seeOff(attached));
        },
      });
    });
  }

  async function greet(connection: Connection, hello: AgentMessageOf<'hello'>): Promise<Attached> {
    const admission = await admit(deps, hello);
    const attached = { connection, admission };
    const { id } = admission.node;
    agents.get(id)?.connection.cut(new FootmanError('agent-refused', 'a newer connection took over'));
    agents.set(id, attached);
    const welcome = { session: tokens.session(id), graceMs };
    if (admission.job === null) connection.send({ type: 'welcome', ...welcome, resume: [] });
    else await attachToRun(admission.job, attached);
    void confirm(deps, admission, connection).catch((error: unknown) => {
      if (!closing.signal.aborted)
        logger.debug({ err: error, node: id }, 'an agent left before it was confirmed');
    });
    return attached;
  }

  async function attachToRun(job: Job, { connection, admission }: Attached): Promise<void> {
    await drive(job.id);
    const run = runs.get(admission.node.id);
    if (run === undefined) throw new FootmanError('agent-refused', 'the job of this node has ended');
    run.attach(connection, { session: tokens.session(admission.node.id), graceMs });
  }

  function turnAway(connection: Connection, thrown: unknown): void {
    const error = toFootmanError(thrown);
    if (error.code === 'agent-refused' || error.code === 'protocol-violation') connection.refuse(error);
    else {
      logger.error({ err: error }, 'an agent could not be greeted; it comes back');
      connection.cut(error);
    }
  }

  function seeOff(gone: Attached): void {
    const { id } = gone.admission.node;
    if (agents.get(id) === gone) agents.delete(id);
    runs.get(id)?.detach(gone.connection);
    if (closing.signal.aborted) return;
    leave(deps, gone.admission).catch((error: unknown) =>
      logger.error({ err: error, node: id }, 'a lost connection was not recorded'),
    );
  }

  function observe(changes: readonly Change[]): void {
    for (const { kind, jobId, nodeId, data } of changes) {
      if (kind === 'job' && jobId) observeJob(jobId, data.state, data.cancelRequested === true, data.reason);
      if (kind === 'node' && nodeId && data.state === 'deleting')
        agents.get(nodeId)?.connection.send({ type: 'lease.end' });
    }
  }

  function observeJob(jobId: string, state: string, cancelRequested: boolean, reason: unknown): void {
    if (state === 'leased' && !cancelRequested) {
      drive(jobId).catch((error: unknown) =>
        logger.error({ err: error, job: jobId }, 'a job could not be driven; its agent will ask for it'),
      );
      return;
    }
    if (!cancelRequested) return;
    for (const run of runs.values()) {
      if (run.jobId === jobId)
        run.stop({ result: 'cancelled', reason: typeof reason === 'string' ? reason : null });
    }
  }

  /** Sees to it that the job is driven, once. */
  function drive(jobId: string): Promise<void> {
    const under = starting.get(jobId) ?? begin(jobId).finally(() => starting.delete(jobId));
    starting.set(jobId, under);
    return under;
  }

  async function begin(jobId: string): Promise<void> {
    if ([...runs.values()].some((run) => run.jobId === jobId)) return;
    const job = await findJob(store.db, jobId);
    const lease = await activeLeaseOfJob(store.db, jobId);
    if (job === undefined || lease === undefined || closing.signal.aborted) return;
    const build = await findBuild(store.db, job.build_id);
    const [node] = await nodesOfLease(store.db, lease.id);
    const attached = node && agents.get(node.id);
    // Without its agent there is nothing to drive; it will say hello.
    if (build === undefined || node === undefined) return;
    const run = startLeaseRun(deps, build, job, node.id, closing.signal);
    runs.set(node.id, run);
    if (attached !== undefined) run.attach(attached.connection, null);
    if (job.cancel_requested_at !== null) run.stop({ result: 'cancelled', reason: job.reason });
    follow(run);
  }

  function follow(run: LeaseRun): void {
    const ended = run.done
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        logger.error(
          { err: error, job: run.jobId },
          'a job could not be driven on; its agent has to ask for it again',
        );
        agents.get(run.nodeId)?.connection.cut(toFootmanError(error));
      })
      .finally(() => {
        runs.delete(run.nodeId);
        endings.delete(ended);
      });
    endings.add(ended);
  }

  async function close(): Promise<void> {
    clearInterval(heart);
    closing.abort(new FootmanError('cancelled', 'the controller stops'));
    for (const { connection } of agents.values())
      connection.cut(new FootmanError('agent-refused', 'the controller stops'));
    await Promise.allSettled([...starting.values(), ...endings]);
    server.close();
  }
}

function outOfOrder(what: string): FootmanError {
  return new FootmanError('protocol-violation', `${what} came where only hello may come`);
}
