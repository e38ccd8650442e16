import { abortable } from '#shared/abortable';

/** Works of one name are done one after the other. Who waits may give up. */
export type InTurn = <T>(name: string, work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();

  return (name, work, signal) => {
    const before = last.get(name) ?? Promise.resolve();
    const own = abortable(before, signal).then(work);
    const done = Promise.allSettled([before, own]).then(() => {
      if (last.get(name) === done) last.delete(name);
    });
    last.set(name, done);
    return own;
  };
}
