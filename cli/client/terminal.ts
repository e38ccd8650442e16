import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import type { TerminalNotice } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { answerError } from './answer-error.ts';

/** How the process in a terminal ended. */
export interface TerminalEnd {
  exit: number | null;
  /** Without `SIG`. */
  signal: string | null;
}

/** A terminal on a held node. */
export interface Terminal {
  /** What is typed goes in, what is shown comes out, at the reader's pace. Destroying it hangs up. */
  readonly stream: Duplex;
  resize(columns: number, rows: number): void;
  /**
   * Resolves when the process has ended and all that it showed was read; null where nobody can tell how it ended.
   *
   * @throws FootmanError what the controller said when it was cut off; `controller-unreachable` when the connection was lost
   */
  readonly ended: Promise<TerminalEnd | null>;
}

/** For the connection to be made, the node's answer included. */
const OPEN_MS = 60_000;
/** Both sides say something at least that often. */
const BEAT_MS = 15_000;
/** Silence after which a connection counts as lost. */
const SILENCE_MS = 45_000;

/** `url` is of http or https. @throws FootmanError what the controller answered, or `controller-unreachable` */
export async function openTerminal(url: string): Promise<Terminal> {
  const { WebSocket: Socket } = await import('ws');
  const socket = new Socket(url.replace(/^http/, 'ws'), {
    perMessageDeflate: false,
    handshakeTimeout: OPEN_MS,
  });
  const terminal = attach(socket);
  try {
    await opened(socket);
  } catch (error) {
    terminal.stream.destroy();
    throw error;
  }
  return terminal;
}

async function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.once('error', (cause) =>
    reject(new FootmanError('controller-unreachable', 'the controller gives no terminal', { cause })),
  );
  socket.once('unexpected-response', (_request, answer) => {
    text(answer).then((body) => reject(answerError(answer.statusCode ?? 0, body)), reject);
  });
  await promise;
}

function attach(socket: WebSocket): Terminal {
  const { promise: ended, resolve, reject } = Promise.withResolvers<TerminalEnd | null>();
  ended.catch(() => undefined);
  let notice: TerminalNotice | undefined;
  let silence: NodeJS.Timeout | undefined;
  // A reader that stands still must not look dead: what it does not read are the controller's signs of life, too.
  const beat = setInterval(() => socket.readyState === socket.OPEN && socket.ping(), BEAT_MS);

  const stream = new Duplex({
    allowHalfOpen: false,
    read() {
      if (!socket.isPaused) return;
      socket.resume();
      hear();
    },
    write(bytes: Buffer, _encoding, done) {
      // Typed at a process that has ended.
      if (socket.readyState !== socket.OPEN) done();
      else socket.send(bytes, { binary: true }, () => done());
    },
    destroy(error, done) {
      clearTimeout(silence);
      clearInterval(beat);
      socket.terminate();
      done(error);
    },
  });
  stream.once('close', () => {
    if (notice?.type === 'exit')
      resolve(notice.exit === null && notice.signal === null ? null : toEnd(notice));
    else if (notice?.type === 'closed') reject(new FootmanError(notice.code, notice.message));
    else reject(new FootmanError('controller-unreachable', 'the connection to the terminal was lost'));
  });
  socket.on('message', (data: Buffer, isBinary) => {
    hear();
    if (!isBinary) notice = JSON.parse(data.toString()) as TerminalNotice;
    else if (!stream.push(data)) rest();
  });
  socket.on('ping', hear);
  socket.on('open', hear);
  // What went wrong shows in its closing.
  socket.on('error', () => undefined);
  socket.on('close', () => stream.push(null));

  return {
    stream,
    ended,
    resize(columns, rows) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ type: 'resize', columns, rows }));
    },
  };

  function rest(): void {
    clearTimeout(silence);
    socket.pause();
  }

  /** A controller that is gone without a word would leave the person at a dead screen. */
  function hear(): void {
    clearTimeout(silence);
    silence = setTimeout(() => stream.destroy(), SILENCE_MS);
  }
}

function toEnd({ exit, signal }: TerminalEnd): TerminalEnd {
  return { exit, signal };
}
