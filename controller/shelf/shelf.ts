/** Values that were used last, up to some size together. */
export interface Shelf<T> {
  take(key: string): T | undefined;
  /** Puts it in the place of one of the same key. The one that was not used for longest goes first. */
  put(key: string, value: T): void;
}

export function createShelf<T extends object>(limit: number, sizeOf: (value: T) => number): Shelf<T> {
  /** The one that was used last is the last. */
  const values = new Map<string, T>();
  let size = 0;

  return {
    take(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    put(key, value) {
      remove(key);
      values.set(key, value);
      size += sizeOf(value);
      for (const oldest of values.keys()) {
        if (size <= limit) return;
        remove(oldest);
      }
    },
  };

  function remove(key: string): void {
    const value = values.get(key);
    if (value === undefined) return;
    values.delete(key);
    size -= sizeOf(value);
  }
}
