/** Runs work of one key after the other, in the order of asking; that of different keys at the same time. */
export interface OneAtATime {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();

  return {
    run<T>(key: string, work: () => Promise<T>): Promise<T> {
      const before = last.get(key) ?? Promise.resolve();
      const result = before.then(work, work);
      const mark = result.then(forget, forget);
      last.set(key, mark);
      return result;

      function forget(): void {
        if (last.get(key) === mark) last.delete(key);
      }
    },
  };
}
