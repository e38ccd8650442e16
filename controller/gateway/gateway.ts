import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Change } from '#controller/events';
import type { CheckSettings } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { nodesInStates, patchNode, type Job, type Node, type NodeState } from '#controller/store';
import { FootmanError, toFootmanError } from '#shared/errors';
import {
  LOG_HEADER_BYTES,
  MAX_CONTROL_BYTES,
  MAX_LOG_FRAME_BYTES,
  type AgentMessage,
  type AgentMessageOf,
} from '#shared/protocol';
import { admit, leave, type Admission, type AdmissionDeps } from './admission.ts';
import { createLateUploads } from './collecting/index.ts';
import { createConnection, type Connection } from './connection.ts';
import { createHeldAgents, type HeldAgentsDeps, type HeldMessage } from './held/index.ts';
import type { LeaseRunDeps } from './job-deps.ts';
import type { ConnectedAgent } from './connected-agent.ts';
import { createLeaseRuns } from './lease-runs.ts';
import { createNodeChecks } from './node-checks.ts';
import type { HeldNodes } from './node-channel.ts';

/** Where agents dial: holds their connections, has their nodes checked, drives the jobs of their leases, and lets people in on held nodes. */
export interface Gateway {
  readonly heldNodes: HeldNodes;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Drives a job that has just got its node, stops one that is to be cancelled, lets go of what ended elsewhere. */
  observe(changes: readonly Change[]): void;
  /** Compares connections and driven jobs with the store, as a control loop does. */
  run(signal: AbortSignal): Promise<null>;
  /** Agents connected at the moment. */
  connections(): number;
  /** Closes all connections and lets go of all jobs, which go on; the agents come back to whoever listens next. */
  close(): Promise<void>;
}

type Deps = LeaseRunDeps &
  AdmissionDeps &
  Omit<HeldAgentsDeps, 'agentOf'> & {
    logger: Logger;
    graceMs: number;
    /** What its template has its nodes checked for; null for nothing. */
    checksOf(node: Node): CheckSettings | null;
  };

/** The path of the WebSocket. */
export const AGENT_PATH = '/agent/v1';

const BEAT_MS = 5_000;
/** Time for the first message of a connection. */
const HELLO_MS = 10_000;

/** States in which a node has passed its checks. */
const PLACED: ReadonlySet<NodeState> = new Set(['ready', 'leased', 'uploading', 'held']);

type AfterHello = Exclude<AgentMessage, { type: 'hello' }>;

interface Attached extends ConnectedAgent {
  admission: Admission;
}

export function createGateway(deps: Deps): Gateway {
  const { store, clock, logger, tokens, graceMs } = deps;
  const closing = new AbortController();
  const agents = new Map<string, Attached>();
  const greetings = new Set<Promise<void>>();
  const agentOf = (nodeId: string): Attached | undefined => agents.get(nodeId);
  const held = createHeldAgents({ ...deps, agentOf });
  const late = createLateUploads({ ...deps, agentOf, signal: closing.signal });
  const runs = createLeaseRuns({ ...deps, agentOf, ended: tellLeft, signal: closing.signal });
  const checks = createNodeChecks(deps);
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: Math.max(MAX_CONTROL_BYTES, LOG_HEADER_BYTES + MAX_LOG_FRAME_BYTES),
  });
  const heart = setInterval(() => {
    for (const { connection } of agents.values()) connection.beat();
  }, BEAT_MS).unref();

  return { heldNodes: held, upgrade, observe, run, connections: () => agents.size, close };

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
          if (attached !== undefined && message.type !== 'hello') handOn(attached, message);
          else if (message.type !== 'hello' || greeted !== undefined) throw outOfOrder(message.type);
          else {
            clearTimeout(impatience);
            greeted = greet(connection, message).then(
              (admitted) => void (attached = admitted),
              (error: unknown) => turnAway(connection, error),
            );
            remember(greeted);
          }
        },
        log(frame) {
          if (attached === undefined) throw outOfOrder('a log frame');
          runs.ofNode(attached.admission.node.id)?.log(frame);
        },
        channel(frame) {
          if (attached === undefined) throw outOfOrder('a frame of a channel');
          held.frame(attached.admission.node.id, connection, frame);
        },
        closed() {
          clearTimeout(impatience);
          // One that closes while it is being greeted is seen off when that is done.
          void (greeted ?? Promise.resolve()).then(() => attached && seeOff(attached));
        },
      });
    });
  }

  function handOn({ connection, admission: { node } }: Attached, message: AfterHello): void {
    if (message.type === 'check.finished') checks.finished(node.id, connection, message);
    else if (isOfHold(message)) held.message(node.id, connection, message);
    else if (runs.ofNode(node.id) === undefined) late.message(node.id, connection, message);
    else runs.ofNode(node.id)?.message(message);
  }

  function remember(greeting: Promise<void>): void {
    greetings.add(greeting);
    void greeting.finally(() => greetings.delete(greeting));
  }

  async function greet(connection: Connection, hello: AgentMessageOf<'hello'>): Promise<Attached> {
    const admission = await admit(deps, hello);
    const { id, state, bootstrap_used_at: bootstrapUsedAt } = admission.node;
    const before = agents.get(id);
    const tookOver = 'a newer connection took over';
    if (before !== undefined && before.admission.epoch > admission.epoch)
      throw new FootmanError('conflict', tookOver);
    before?.connection.cut(new FootmanError('conflict', tookOver));
    const attached: Attached = { connection, admission, welcomed: false };
    agents.set(id, attached);
    if (admission.job === null) await welcomeIdle(attached);
    else await attachToRun(admission.job, attached);
    attached.welcomed = true;
    // Its node may have got a job since the look at its row.
    if (admission.job === null && state === 'ready') {
      await runs.driveNode(id);
      runs.ofNode(id)?.attach(connection, null);
    }
    if (!PLACED.has(state) || bootstrapUsedAt === null) look(attached);
    if (state !== 'ready' && PLACED.has(state)) tellLeft(id);
    return attached;
  }

  async function welcomeIdle({ connection, admission: { node } }: Attached): Promise<void> {
    const grace = node.state === 'ready' ? undefined : await graceOf(node.id);
    const session = tokens.session(node.id, node.boot);
    connection.send({ type: 'welcome', session, graceMs: grace ?? graceMs, resume: [] });
  }

  /** That of an agent whose job has ended, and whose node is kept; undefined where it is not. */
  async function graceOf(nodeId: string): Promise<number | undefined> {
    return (await held.graceMs(nodeId)) ?? (await late.graceMs(nodeId));
  }

  /** What it was not told now, it is told when the node is looked at the next time. */
  function tellLeft(nodeId: string): void {
    // Until then the welcome may be still to come.
    if (closing.signal.aborted || runs.ofNode(nodeId) !== undefined || agents.get(nodeId)?.welcomed !== true)
      return;
    late.drive(nodeId);
    held
      .tell(nodeId)
      .catch((error: unknown) =>
        logger.error({ err: error, node: nodeId }, 'an agent was not told that its node is held'),
      );
  }

  function look({ admission: { node }, connection }: Attached): void {
    void checks.look(node.id, connection).catch((error: unknown) => {
      if (!closing.signal.aborted)
        logger.debug({ err: error, node: node.id }, 'an agent left before it was asked about its node');
    });
  }

  async function attachToRun(job: Job, attached: Attached): Promise<void> {
    const { connection, admission } = attached;
    const { node } = admission;
    await runs.drive(job.id);
    // An attempt that was under way may have looked before this agent had come.
    if (runs.ofNode(node.id) === undefined) await runs.drive(job.id);
    // To an agent that is refused now its job would be lost; this one comes back to the controller's next life.
    closing.signal.throwIfAborted();
    const run = runs.ofNode(node.id);
    if (run === undefined) {
      if ((await graceOf(node.id)) !== undefined) return welcomeIdle(attached);
      throw new FootmanError('agent-refused', 'the job of this node has ended');
    }
    run.attach(connection, { session: tokens.session(node.id, node.boot), graceMs });
  }

  function turnAway(connection: Connection, thrown: unknown): void {
    const error = toFootmanError(thrown);
    if (error.code === 'agent-refused' || error.code === 'protocol-violation')
      return connection.refuse(error);
    if (!closing.signal.aborted && error.code !== 'conflict')
      logger.error({ err: error }, 'an agent could not be greeted; it comes back');
    connection.cut(error);
  }

  function seeOff(gone: Attached): void {
    const { id } = gone.admission.node;
    if (agents.get(id) === gone) agents.delete(id);
    runs.ofNode(id)?.detach(gone.connection);
    checks.detach(id, gone.connection);
    held.detach(id, gone.connection);
    late.detach(id, gone.connection);
    if (closing.signal.aborted) return;
    leave(deps, gone.admission).catch((error: unknown) =>
      logger.error({ err: error, node: id }, 'a lost connection was not recorded'),
    );
  }

  function observe(changes: readonly Change[]): void {
    runs.observe(changes);
    for (const { kind, nodeId, data } of changes) {
      if (nodeId && (data.state === 'held' || data.state === 'uploading')) tellLeft(nodeId);
      if (kind !== 'node' || !nodeId) continue;
      const agent = agents.get(nodeId);
      const connection = agent?.connection;
      // One that was idle is looked at again.
      if (data.state === 'checking' && agent?.welcomed === true) look(agent);
      if (data.state === 'deleting') {
        held.end(nodeId);
        connection?.send({ type: 'lease.end' });
      }
      // An agent that outlives its node has no business here.
      if (data.state === 'deleted') connection?.refuse(new FootmanError('agent-refused', 'its node is gone'));
    }
  }

  async function run(): Promise<null> {
    for (const node of await nodesInStates(store.db, ['checking', ...PLACED])) await reconcileNode(node);
    await runs.reconcile();
    return null;
  }

  async function reconcileNode(node: Node): Promise<void> {
    const attached = agents.get(node.id);
    if (attached?.welcomed !== true || attached.admission.epoch !== node.session_epoch) return;
    if (node.disconnected_at !== null) {
      // Another controller that started took all agents for absent.
      await patchNode(store.db, node.id, [node.state], { disconnected_at: null });
      if (agents.get(node.id) !== attached) await leave(deps, attached.admission);
    }
    if (node.state === 'checking') look(attached);
    if (node.state === 'held' || node.state === 'uploading') tellLeft(node.id);
    if (node.state === 'leased' && runs.ofNode(node.id) === undefined) await runs.driveNode(node.id);
  }

  async function close(): Promise<void> {
    clearInterval(heart);
    const error = new FootmanError('cancelled', 'the controller stops');
    closing.abort(error);
    for (const { connection } of agents.values()) connection.cut(error);
    await Promise.allSettled(greetings);
    await Promise.all([runs.settled(), late.settled(), checks.settled(), held.settled()]);
    // Whoever does not answer the goodbye must not keep the process.
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

function isOfHold(message: AfterHello): message is HeldMessage {
  return message.type.startsWith('hold.') || message.type.startsWith('channel.');
}

function outOfOrder(what: string): FootmanError {
  return new FootmanError('protocol-violation', `${what} came where it may not come`);
}
