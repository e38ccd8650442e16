import { abortable } from '#shared/abortable';

/** Work that has to wait for other work of the same name. */
export interface Turns {
  /** Does the work when all that was asked for before under this name is done, well or not. One whose signal aborts leaves the queue. */
  take<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();

  return {
    async take(name, signal, work) {
      const before = last.get(name) ?? Promise.resolve();
      const done = Promise.withResolvers<void>();
      const mine = before.then(() => done.promise);
      last.set(name, mine);
      try {
        await abortable(before, signal);
        return await work();
      } finally {
        done.resolve();
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}
