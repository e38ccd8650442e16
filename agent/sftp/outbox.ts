import type { Writable } from 'node:stream';
import { MAX_WAITING_BYTES } from './limits.ts';

/** Answers on their way to a client. */
export interface Outbox {
  /** Resolves when there is room for another one: not many wait at a time, however slowly the client takes them. */
  send(packet: Buffer): Promise<void>;
}

export function createOutbox(stream: Writable): Outbox {
  let waiting = 0;
  let wake: (() => void) | undefined;
  // What it had not taken then, it never tells of.
  stream.once('close', () => wake?.());

  return {
    async send(packet) {
      waiting += packet.length;
      stream.write(packet, () => {
        waiting -= packet.length;
        if (hasRoom()) wake?.();
      });
      if (hasRoom()) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
  };

  function hasRoom(): boolean {
    return waiting <= MAX_WAITING_BYTES || stream.closed;
  }
}
