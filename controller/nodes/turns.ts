import type { Clock } from '#controller/clock';

/** Work that waits for its turn, so that not everything happens at once. */
export interface Turns {
  /** Does the work when there is room among the others of its key, in the order of asking. Settles as the work does. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

interface Lane {
  running: number;
  waiting: (() => void)[];
}

/** Work that takes longer, in milliseconds, hangs rather than works: it costs little, and gives its place to the next (L6). */
const SLOW_MS = 10_000;

/** Of one key, so much work is done at a time. */
export function createTurns(clock: Clock, atOnce: () => number): Turns {
  const lanes = new Map<string, Lane>();

  return {
    take(key, work) {
      const lane = lanes.get(key) ?? { running: 0, waiting: [] };
      lanes.set(key, lane);
      return new Promise((resolve, reject) => {
        lane.waiting.push(() => void run(lane, work).then(resolve, reject));
        fill(lane);
      });
    },
  };

  function fill(lane: Lane): void {
    while (lane.running < atOnce()) {
      const start = lane.waiting.shift();
      if (start === undefined) return;
      lane.running += 1;
      start();
    }
  }

  async function run<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    let inside = true;
    const leave = (): void => {
      if (!inside) return;
      inside = false;
      lane.running -= 1;
      fill(lane);
    };
    const callOff = clock.after(SLOW_MS, leave);
    try {
      return await work();
    } finally {
      callOff();
      leave();
    }
  }
}
