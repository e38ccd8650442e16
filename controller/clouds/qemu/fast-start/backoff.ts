/** When something that failed may be tried again, by its name. */
export interface Backoff {
  isDue(name: string): boolean;
  failed(name: string): void;
  succeeded(name: string): void;
}

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

export function createBackoff(now: () => number): Backoff {
  const failures = new Map<string, { pauseMs: number; dueAt: number }>();
  return {
    isDue: (name) => (failures.get(name)?.dueAt ?? 0) <= now(),
    failed(name) {
      const pauseMs = Math.min(LONGEST_MS, 2 * (failures.get(name)?.pauseMs ?? FIRST_MS / 2));
      failures.set(name, { pauseMs, dueAt: now() + pauseMs });
    },
    succeeded: (name) => void failures.delete(name),
  };
}
