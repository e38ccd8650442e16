import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  KIND_CHANNEL,
  decodeAgentMessage,
  decodeChannelFrame,
  decodeLogFrame,
  encodeChannelHeader,
  type AgentMessage,
  type AgentMessageOf,
  type ChannelFrame,
  type ControllerMessage,
  type LogFrame,
  type StepStart,
} from '#shared/protocol';

/** A controller's side of the protocol, small enough to be told exactly what to do, on a real Unix socket. */
export interface AgentPeer {
  readonly endpoint: string;
  /** Everything that agents said, over all connections. */
  readonly messages: AgentMessage[];
  readonly frames: LogFrame[];
  /** What was uploaded, by path; a GET finds it too. */
  readonly blobs: Map<string, Buffer>;
  /** Answers to requests that come first: HTTP statuses, used up one by one. */
  readonly failures: number[];
  /** How a hello is answered. */
  greeting: 'welcome' | 'refused' | 'silence';
  /** Acknowledge log frames as they come. */
  acknowledges: boolean;
  graceMs: number;
  send(message: ControllerMessage): void;
  /** Starts the step, and says so again on every connection until its end has come. */
  start(step: Partial<StepStart> & { script: string }): StepStart;
  /** The step's end, acknowledged, and its whole log. */
  finished(step: StepStart): Promise<{ finished: AgentMessageOf<'step.finished'>; log: Buffer }>;
  /** Both: the shortest way to a step's end. */
  run(step: Partial<StepStart> & { script: string }): ReturnType<AgentPeer['finished']>;
  /** Resolves when the condition holds, looked at after each event. */
  until(condition: () => boolean): Promise<void>;
  log(stream: number): Buffer;
  /** Loses the stream's bytes, as a controller does whose disk had not written them yet. */
  forgetLog(stream: number): void;
  /** Does not name the step any more. */
  forget(step: StepStart): void;
  /** Called for each message after the peer's own answer to it. */
  onMessage(message: AgentMessage): void;
  /** Called for each frame of a channel. */
  onChannelFrame(frame: ChannelFrame): void;
  sendChannelFrame(frame: ChannelFrame): void;
  /** HTTP requests so far. */
  readonly requests: number;
  /** Cuts the connection without a goodbye. */
  cut(): void;
  /** Cuts all connections, those that were never welcome included. */
  cutAll(): void;
  readonly hellos: AgentMessageOf<'hello'>[];
  close(): Promise<void>;
}

export async function createAgentPeer(folder: string): Promise<AgentPeer> {
  const messages: AgentMessage[] = [];
  const frames: LogFrame[] = [];
  const hellos: AgentMessageOf<'hello'>[] = [];
  const blobs = new Map<string, Buffer>();
  const failures: number[] = [];
  const logs = new Map<number, Buffer[]>();
  const lengths = new Map<number, number>();
  const open = new Map<string, StepStart>();
  const waiting = new Set<() => void>();
  let socket: WebSocket | undefined;
  let steps = 0;
  let requests = 0;

  const path = join(folder, 'controller.sock');
  const http = createServer((request, response) => void serve(request, response));
  const server = new WebSocketServer({ server: http, path: '/agent/v1', perMessageDeflate: false });
  server.on('connection', accept);
  http.listen(path);
  await once(http, 'listening');

  const peer: AgentPeer = {
    endpoint: `unix:${path}`,
    messages,
    frames,
    blobs,
    failures,
    hellos,
    greeting: 'welcome',
    acknowledges: true,
    graceMs: 60_000,
    send,
    start(given) {
      const step = stepStart(given);
      open.set(step.step, step);
      send(step);
      return step;
    },
    async finished(step) {
      await until(() => endOf(step) !== undefined);
      const finished = endOf(step);
      if (finished === undefined) throw new Error('no end');
      open.delete(step.step);
      send({ type: 'step.ack', step: step.step });
      return { finished, log: log(step.stream) };
    },
    run: (given) => peer.finished(peer.start(given)),
    until,
    log,
    forgetLog(stream) {
      logs.delete(stream);
      lengths.delete(stream);
    },
    forget: ({ step }) => void open.delete(step),
    onMessage: () => undefined,
    onChannelFrame: () => undefined,
    sendChannelFrame: (frame) => socket?.send(Buffer.concat([encodeChannelHeader(frame), frame.bytes])),
    get requests() {
      return requests;
    },
    cut: () => socket?.terminate(),
    cutAll() {
      for (const client of server.clients) client.terminate();
    },
    async close() {
      for (const client of server.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return peer;

  function accept(accepted: WebSocket): void {
    accepted.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary && data[0] === KIND_CHANNEL) peer.onChannelFrame(decodeChannelFrame(data));
      else if (isBinary) takeFrame(decodeLogFrame(data));
      else takeMessage(accepted, decodeAgentMessage(data));
      changed();
    });
    accepted.on('close', changed);
  }

  function takeMessage(from: WebSocket, message: AgentMessage): void {
    messages.push(message);
    if (message.type === 'hello') greet(from, message);
    peer.onMessage(message);
  }

  function greet(from: WebSocket, hello: AgentMessageOf<'hello'>): void {
    hellos.push(hello);
    if (peer.greeting === 'silence') return;
    socket = from;
    if (peer.greeting === 'refused') {
      return send({ type: 'refused', code: 'agent-refused', message: 'not today' });
    }
    const resume = [...open.values()].map(({ step, stream }) => ({
      step,
      stream,
      offset: lengths.get(stream) ?? 0,
    }));
    send({ type: 'welcome', session: `session-${hellos.length}`, resume, graceMs: peer.graceMs });
    for (const step of open.values()) send(step);
  }

  function takeFrame(frame: LogFrame): void {
    frames.push(frame);
    const { stream, offset, bytes } = frame;
    const length = lengths.get(stream) ?? 0;
    if (offset > length) throw new Error(`a gap in the log: ${offset} after ${length}`);
    const pieces = logs.get(stream) ?? [];
    pieces.push(Buffer.from(bytes.subarray(length - offset)));
    logs.set(stream, pieces);
    lengths.set(stream, Math.max(length, offset + bytes.length));
    if (peer.acknowledges) send({ type: 'log.ack', stream, offset: lengths.get(stream) ?? 0 });
  }

  function send(message: ControllerMessage): void {
    socket?.send(JSON.stringify(message));
  }

  function log(stream: number): Buffer {
    return Buffer.concat(logs.get(stream) ?? []);
  }

  function stepStart(given: Partial<StepStart>): StepStart {
    const stream = steps++;
    return {
      type: 'step.start',
      step: `step-${stream}`,
      stream,
      shell: 'sh',
      script: '',
      env: {},
      secrets: [],
      inputs: [],
      timeoutMs: 60_000,
      graceMs: 5_000,
      logLimit: 2 ** 30,
      ...given,
    };
  }

  function endOf({ step }: StepStart): AgentMessageOf<'step.finished'> | undefined {
    return messages.find(
      (message): message is AgentMessageOf<'step.finished'> =>
        message.type === 'step.finished' && message.step === step,
    );
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => waiting.add(resolve));
  }

  function changed(): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const failure = failures.shift();
    const key = request.url ?? '';
    if (failure !== undefined) response.writeHead(failure);
    else if (request.method === 'PUT') blobs.set(key, Buffer.concat(chunks));
    else if (!blobs.has(key)) response.writeHead(404);
    response.end(request.method === 'GET' && failure === undefined ? blobs.get(key) : undefined);
    changed();
  }
}
