import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Access } from '#controller/access';
import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import { FootmanError } from '#shared/errors';
import { createLine } from './line.ts';
import { serveTerminal } from './serve-terminal.ts';
import { createTickets, type Tickets } from './tickets.ts';

/** Terminals on held nodes for whoever has no SSH: WebSockets, opened by tickets that the API gives. */
export interface Terminals {
  readonly tickets: Pick<Tickets, 'issue'>;
  /** A request for `TERMINALS_PATH` and a ticket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all of them. */
  close(): Promise<void>;
}

interface Deps {
  access: Pick<Access, 'open'>;
  clock: Clock;
  logger: Logger;
  /** So long without a byte in either direction ends a terminal, in milliseconds. */
  idleMs(): number;
}

/** What comes before the ticket in an address. */
export const TERMINALS_PATH = '/api/v1/terminals/';

/** What people type, or paste, comes in smaller pieces. */
const MAX_FRAME_BYTES = 64 * 1024;
/** For a client to answer the goodbye. */
const GOODBYE_MS = 2_000;

export function createTerminals({ access, clock, logger, idleMs }: Deps): Terminals {
  const tickets = createTickets(clock);
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  const closing = new AbortController();
  const served = new Set<Promise<void>>();
  return { tickets, upgrade, close };

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path = ''] = (request.url ?? '').split('?');
    const admission = closing.signal.aborted ? undefined : tickets.redeem(path.slice(TERMINALS_PATH.length));
    if (admission === undefined) return turnAway(socket);
    const peer = request.socket.remoteAddress ?? null;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      remember(serve(webSocket, { ...admission, peer }));
    });
  }

  async function serve(
    socket: WebSocket,
    { holdId, subject, use, peer }: Parameters<Tickets['issue']>[0] & { peer: string | null },
  ): Promise<void> {
    const line = createLine(socket, { clock, idleMs: idleMs() });
    const signal = AbortSignal.any([line.gone, closing.signal]);
    try {
      const who = { name: subject, fingerprint: null };
      await serveTerminal(line, () => access.open({ holdId, use, who, peer }, signal), signal);
    } catch (error) {
      const foreseen = error instanceof FootmanError && error.code !== 'internal' ? error : undefined;
      if (foreseen === undefined) logger.error({ err: error, hold: holdId }, 'a terminal failed');
      const { code, message } = foreseen ?? new FootmanError('internal', 'something went wrong');
      line.end({ type: 'closed', code, message });
    }
    await line.closed(GOODBYE_MS);
  }

  function remember(work: Promise<void>): void {
    served.add(work);
    void work.finally(() => served.delete(work));
  }

  async function close(): Promise<void> {
    closing.abort(new FootmanError('cancelled', 'the controller stops'));
    await Promise.all(served);
    server.close();
  }
}

/** In the API's own words: clients that are no browsers read them. */
function turnAway(socket: Duplex): void {
  const message = 'the ticket is not one of ours, was used before, or is too old';
  const error = { code: 'unauthenticated', message, actor: 'user', hint: 'ask for another one' };
  const body = JSON.stringify({ error });
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 401 Unauthorized\r\n${head}\r\n\r\n${body}`);
}
