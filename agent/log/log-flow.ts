import { LOG_WINDOW_BYTES, MAX_LOG_FRAME_BYTES } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import { createMarks } from './marks.ts';
import type { Spool } from './spool.ts';

/** What of the link a log needs. */
export type LogLink = Pick<Link, 'sendLog' | 'buffered'>;

/**
 * Brings one log to the controller, in order and without gaps, over any number of connections. What can't go out at once stays in
 * the spool and goes when the controller acknowledges, or the socket has room: memory holds at most a window.
 */
export interface LogFlow {
  /** Bytes that are in the spool from `offset` on, read at `time` (milliseconds since the epoch). */
  grown(offset: number, time: number, bytes: Uint8Array): void;
  /** The log is whole. `sent` is called once for each connection, when all of it was sent. */
  end(sent: () => void): void;
  /** A new connection stands, and the controller has `offset` bytes. */
  resume(offset: number): void;
  /** There is no connection. */
  pause(): void;
  /** The controller has `offset` bytes. */
  acknowledged(offset: number): void;
  /** The socket has room. */
  pump(): void;
}

/** With this much on its way, more only waits in memory instead of in the spool. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** While the socket is busy, pieces smaller than this wait to be sent together. */
const WORTH_SENDING_BYTES = 32 * 1024;

export function createLogFlow(stream: number, spool: Spool, link: LogLink): LogFlow {
  const marks = createMarks();
  let isConnected = true;
  let sent = 0;
  let stored = 0;
  let onSent: (() => void) | undefined;
  let isAnnounced = false;

  return {
    grown(offset, time, bytes) {
      marks.add(offset, time);
      const isInSync = sent === offset && bytes.length <= room();
      if (isInSync && mayGo(bytes.length)) send(time, bytes);
      else pump();
    },
    end(sentAll) {
      onSent = sentAll;
      pump();
    },
    resume(offset) {
      isConnected = true;
      sent = Math.min(offset, spool.length);
      stored = sent;
      isAnnounced = false;
      pump();
    },
    pause() {
      isConnected = false;
    },
    acknowledged(offset) {
      stored = Math.max(stored, Math.min(offset, sent));
      pump();
    },
    pump,
  };

  /** Bytes that one frame may carry now. */
  function room(): number {
    return Math.min(MAX_LOG_FRAME_BYTES, stored + LOG_WINDOW_BYTES - sent);
  }

  function mayGo(bytes: number): boolean {
    const { buffered } = link;
    return isConnected && (buffered === 0 || (bytes >= WORTH_SENDING_BYTES && buffered < HIGH_WATER_BYTES));
  }

  function pump(): void {
    while (sent < spool.length && room() > 0 && mayGo(spool.length - sent)) {
      const { time, end } = marks.at(sent);
      const bytes = spool.read(sent, Math.min(room(), end - sent));
      // The spool can't be read: to send anything else would leave a gap.
      if (bytes.length === 0) return;
      send(time, bytes);
    }
    if (!isConnected || isAnnounced || onSent === undefined || sent < spool.length) return;
    isAnnounced = true;
    onSent();
  }

  function send(time: number, bytes: Uint8Array): void {
    link.sendLog({ stream, offset: sent, time, bytes });
    sent += bytes.length;
  }
}
