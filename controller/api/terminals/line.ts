import { WebSocket, type RawData } from 'ws';
import type { Clock } from '#controller/clock';
import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import { TerminalRequest, type TerminalNotice } from './schema.ts';

/** The WebSocket of one terminal: what is typed, what is shown, and whether anybody is still there. */
export interface Line {
  /** Hands on what comes; nothing is taken from the client before. `bytes` gives a promise where the client has to wait. */
  listen(listener: LineListener): void;
  /** Resolves when the bytes are out. */
  show(bytes: Buffer): Promise<void>;
  /** Says the last word, and closes. */
  end(notice: TerminalNotice): void;
  /** Aborts when the client has left, has broken the rules, or has done nothing for too long. */
  readonly gone: AbortSignal;
  /** Resolves when the connection is closed, after so many milliseconds by force. */
  closed(patienceMs: number): Promise<void>;
}

export interface LineListener {
  /** Undefined when it can take more at once. */
  bytes(bytes: Buffer): Promise<void> | undefined;
  resize(columns: number, rows: number): void;
}

interface Deps {
  clock: Clock;
  idleMs: number;
}

const BEAT_MS = 15_000;
/** Beats without a sign of life after which a client is given up. */
const MOST_MISSED = 3;

export function createLine(socket: WebSocket, { clock, idleMs }: Deps): Line {
  const gone = new AbortController();
  const over = Promise.withResolvers<void>();
  let listener: LineListener | undefined;
  let missed = 0;
  let activeAt = clock.now();
  let callOff = clock.after(BEAT_MS, beat);

  socket.pause();
  socket.on('message', take);
  for (const sign of ['ping', 'pong'] as const) socket.on(sign, () => void (missed = 0));
  // What went wrong shows in its closing.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    callOff();
    gone.abort(new FootmanError('cancelled', 'the client has left'));
    over.resolve();
  });

  return {
    gone: gone.signal,
    listen(given) {
      listener = given;
      socket.resume();
    },
    async show(bytes) {
      activeAt = clock.now();
      const out = Promise.withResolvers<void>();
      socket.send(bytes, { binary: true }, () => out.resolve());
      await out.promise;
    },
    end(notice) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify(notice));
      socket.close();
      socket.resume();
    },
    async closed(patienceMs) {
      const giveUp = clock.after(patienceMs, () => socket.terminate());
      await over.promise;
      giveUp();
    },
  };

  function take(data: RawData, isBinary: boolean): void {
    missed = 0;
    if (gone.signal.aborted) return;
    activeAt = clock.now();
    const bytes = data as Buffer;
    if (!isBinary) return takeRequest(bytes);
    const room = listener?.bytes(bytes);
    if (room === undefined) return;
    socket.pause();
    void room.then(() => socket.resume());
  }

  function takeRequest(text: Buffer): void {
    const request = TerminalRequest.safeParse(parse(text));
    if (request.success) listener?.resize(request.data.columns, request.data.rows);
    else leave(new FootmanError('protocol-violation', 'that is nothing that a terminal understands'));
  }

  function beat(): void {
    callOff = clock.after(BEAT_MS, beat);
    missed += 1;
    // What it has not read are our own signs of life, and its answers.
    if (missed > MOST_MISSED && socket.bufferedAmount === 0 && !socket.isPaused) return socket.terminate();
    if (clock.now() - activeAt >= idleMs)
      leave(new FootmanError('cancelled', `nothing has happened here for ${formatDuration(idleMs)}`));
    socket.ping();
  }

  function leave(error: FootmanError): void {
    gone.abort(error);
  }
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
