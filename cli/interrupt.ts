import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The wish to end things: the first signal asks for an orderly end, the second one ends the process at once. */
export interface Interrupts {
  /** How many came so far. */
  count(): number;
  /** Aborts at the next one. */
  next(): AbortSignal;
  /** Signals end the process again as they would by themselves. */
  close(): void;
}

export function createInterrupts(): Interrupts {
  let count = 0;
  let next = new AbortController();

  function handle(signal: NodeJS.Signals): void {
    count += 1;
    if (count > 1) process.exit(128 + constants.signals[signal]);
    const asked = next;
    next = new AbortController();
    asked.abort();
  }

  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    count: () => count,
    next: () => next.signal,
    close() {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
