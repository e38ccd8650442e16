/** First come, first served. */
export interface Mutex {
  /** Resolves when the caller holds the mutex. Rejects with `timeout()` when that takes longer than `timeoutMs`. */
  acquire(timeoutMs: number, timeout: () => Error): Promise<void>;
  /** Hands the mutex to whoever has waited longest. */
  release(): void;
}

export function createMutex(): Mutex {
  const waiting = new Set<() => void>();
  let held = false;

  function acquire(timeoutMs: number, timeout: () => Error): Promise<void> {
    if (!held) {
      held = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(giveUp, timeoutMs);
      waiting.add(enter);
      function enter(): void {
        clearTimeout(timer);
        resolve();
      }
      function giveUp(): void {
        waiting.delete(enter);
        reject(timeout());
      }
    });
  }

  function release(): void {
    const [next] = waiting;
    if (next === undefined) {
      held = false;
      return;
    }
    waiting.delete(next);
    next();
  }

  return { acquire, release };
}
