import { constants } from 'node:os';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The wish to end things: the first signals ask for an orderly end, the one after them ends the process at once. */
export interface Interrupts {
  /** How many came so far. */
  count(): number;
  /** Aborts at the next one. */
  next(): AbortSignal;
  /** Signals end the process again as they would by themselves. */
  close(): void;
}

interface Options {
  /** How many ask before one ends the process. */
  asking?: number;
  /** Which signals mean that; all by which people end things, unless given. */
  signals?: readonly NodeJS.Signals[];
}

export function createInterrupts({ asking = 1, signals = SIGNALS }: Options = {}): Interrupts {
  let count = 0;
  let next = new AbortController();

  function handle(signal: NodeJS.Signals): void {
    count += 1;
    if (count > asking) process.exit(128 + constants.signals[signal]);
    const asked = next;
    next = new AbortController();
    asked.abort();
  }

  for (const signal of signals) process.on(signal, handle);
  return {
    count: () => count,
    next: () => next.signal,
    close() {
      for (const signal of signals) process.off(signal, handle);
    },
  };
}
