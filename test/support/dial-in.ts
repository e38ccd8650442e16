import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAgentMessage, decodeLogFrame, type Bootstrap, type ControllerMessage } from '#shared/protocol';
import type { Endpoints } from '#controller/launchers';
import { WebSocketServer, type WebSocket } from 'ws';

/** Stands where the gateway stands: agents dial in, are welcomed, and run what they are told. */
export interface DialIn {
  endpoints: Endpoints;
  /** For `launch`: a fresh token for this node at each call. */
  bootstrap(node: string): (choice: Pick<Bootstrap, 'endpoint' | 'root'>) => Bootstrap;
  /** All tokens handed out for the node. */
  tokens(node: string): string[];
  /** Agents that have dialled in for the node with a token of its own, each counted once. */
  arrivals(node: string): number;
  arrived(node: string): Promise<void>;
  /** Starts a shell script on the node's agent; resolves with its first output. */
  run(node: string, script: string): Promise<string>;
  /** The node's connection is gone. */
  left(node: string): Promise<void>;
  /** Cuts all connections. */
  close(): Promise<void>;
}

const SOCKET_NAME = 'agents.sock';
const FOREVER_MS = 86_400_000;

export async function openDialIn(): Promise<DialIn> {
  const socketFolder = await mkdtemp(join(tmpdir(), 'dial-in-'));
  const events = new EventEmitter().setMaxListeners(0);
  const issued: { token: string; node: string }[] = [];
  const sessions = new Map<string, string>();
  const connected = new Map<string, WebSocket>();
  /** Tokens that agents of the node came with; one whose welcome is lost comes with the same again. */
  const arrivals = new Map<string, Set<string>>();
  const http = createServer();
  const server = new WebSocketServer({ server: http, path: '/agent/v1', perMessageDeflate: false });
  server.on('connection', receive);
  http.listen(join(socketFolder, SOCKET_NAME));
  await once(http, 'listening');

  return {
    endpoints: { socketFolder, socketName: SOCKET_NAME, url: null },
    bootstrap: (node) => (choice) => {
      const token = `bootstrap-${randomUUID()}`;
      issued.push({ token, node });
      return { node, token, ...choice };
    },
    tokens: (node) => issued.filter((one) => one.node === node).map(({ token }) => token),
    arrivals: (node) => arrivals.get(node)?.size ?? 0,
    async arrived(node) {
      while (!connected.has(node)) await once(events, 'arrived');
    },
    run,
    async left(node) {
      while (connected.has(node)) await once(events, 'left');
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      http.close();
      await once(http, 'close');
      await rm(socketFolder, { recursive: true });
    },
  };

  function receive(socket: WebSocket): void {
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return void socket.emit('log', decodeLogFrame(data).bytes.toString());
      const message = decodeAgentMessage(data);
      if (message.type === 'hello') greet(socket, message.token);
    });
  }

  function greet(socket: WebSocket, token: string): void {
    const fresh = issued.find((one) => one.token === token)?.node;
    const node = fresh ?? sessions.get(token);
    if (node === undefined) {
      return send(socket, { type: 'refused', code: 'unauthenticated', message: 'no such token' });
    }
    if (fresh !== undefined) arrivals.set(node, (arrivals.get(node) ?? new Set()).add(token));
    const session = `session-${randomUUID()}`;
    sessions.set(session, node);
    connected.set(node, socket);
    socket.once('close', () => {
      if (connected.get(node) === socket) connected.delete(node);
      events.emit('left');
    });
    send(socket, { type: 'welcome', session, resume: [], graceMs: FOREVER_MS });
    events.emit('arrived');
  }

  async function run(node: string, script: string): Promise<string> {
    const socket = connected.get(node);
    if (socket === undefined) throw new Error(`${node} is not connected`);
    const output = once(socket, 'log');
    send(socket, {
      type: 'step.start',
      step: `step-${randomUUID()}`,
      stream: 0,
      shell: 'sh',
      script,
      env: {},
      secrets: [],
      inputs: [],
      timeoutMs: FOREVER_MS,
      graceMs: FOREVER_MS,
      logLimit: 1024 * 1024,
    });
    return String((await output)[0]);
  }
}

function send(socket: WebSocket, message: ControllerMessage): void {
  socket.send(JSON.stringify(message));
}
