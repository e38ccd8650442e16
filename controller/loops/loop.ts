import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';

/**
 * A control loop: it compares what is with what should be and takes one idempotent step. Events only wake it early, so a lost event costs
 * at most `idleMs` and never truth. Runs never overlap; wake-ups during a run make it run once more.
 */
export interface Loop {
  wake(): void;
  /** Whether its last run failed; the log says why. */
  failing(): boolean;
  /** Resolves when the run under way, if any, has ended. */
  passed(): Promise<void>;
  /** Resolves when the run under way, if any, has ended; no further one starts. */
  stop(): Promise<void>;
}

interface Options {
  name: string;
  /** One step. Returns when it wants to run next at the latest (milliseconds since the epoch), or null if only an event matters. */
  run(signal: AbortSignal): Promise<number | null>;
  clock: Clock;
  logger: Logger;
  /** Longest time between two runs, in milliseconds. */
  idleMs?: number;
}

const DEFAULT_IDLE_MS = 30_000;
/** A run that takes longer is followed by a rest: however much there is to look at, half of the time is left for everything else. */
const LONG_RUN_MS = 10;
const LONGEST_REST_MS = 100;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;

export function startLoop({ name, run, clock, logger, idleMs = DEFAULT_IDLE_MS }: Options): Loop {
  const stopping = new AbortController();
  let rested = Promise.withResolvers<void>();
  let woken = Promise.withResolvers<void>();
  let failures = 0;
  let underWay: Promise<unknown> = Promise.resolve();
  const done = spin();

  return {
    wake: () => woken.resolve(),
    failing: () => failures > 0,
    async passed() {
      await underWay;
    },
    async stop() {
      stopping.abort();
      rested.resolve();
      woken.resolve();
      await done;
    },
  };

  async function spin(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = Promise.withResolvers();
      const began = clock.now();
      const pass = runOnce();
      underWay = pass;
      const due = await pass;
      await rest(clock.now() - began);
      if (stopping.signal.aborted) return;
      await sleepUntil(due);
    }
  }

  async function runOnce(): Promise<number> {
    const latest = clock.now() + idleMs;
    try {
      const due = await run(stopping.signal);
      failures = 0;
      return Math.min(due ?? latest, latest);
    } catch (error) {
      if (stopping.signal.aborted) return latest;
      failures += 1;
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
      logger.error({ err: error, loop: name, failures, retryMs }, 'a control loop failed; it runs again');
      return clock.now() + retryMs;
    }
  }

  async function rest(ms: number): Promise<void> {
    if (ms < LONG_RUN_MS || stopping.signal.aborted) return;
    rested = Promise.withResolvers();
    const callOff = clock.after(Math.min(ms, LONGEST_REST_MS), rested.resolve);
    await rested.promise;
    callOff();
  }

  async function sleepUntil(due: number): Promise<void> {
    const callOff = clock.after(Math.max(0, due - clock.now()), woken.resolve);
    await woken.promise;
    callOff();
  }
}
