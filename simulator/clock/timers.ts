import { createHeap } from '#controller/queue';

/** A call that is due at some time. */
export interface Timer {
  /** Milliseconds since the epoch. */
  at: number;
  /** Among those of one instant, the earlier made goes first. */
  seq: number;
  action(): void;
}

/** Timers in the order of their time. */
export interface Timers {
  add(at: number, action: () => void): Timer;
  callOff(timer: Timer): void;
  /** When the next one is due; null if there is none. */
  next(): number | null;
  /** Takes the next one out if it is due. */
  take(now: number): Timer | undefined;
}

/** Those that were called off stay in the heap until they outnumber the living by so many. */
const FEW = 1024;

export function createTimers(): Timers {
  const living = new Set<Timer>();
  let heap = createHeap(compare);
  let inHeap = 0;
  /** Out of the heap to be looked at; it comes before all that are in it. */
  let first: Timer | undefined;
  let seq = 0;

  return {
    add(at, action) {
      const timer: Timer = { at, seq: seq++, action };
      living.add(timer);
      if (first !== undefined && compare(timer, first) < 0) {
        push(first);
        first = timer;
      } else push(timer);
      return timer;
    },
    callOff(timer) {
      if (!living.delete(timer) || inHeap < 2 * living.size + FEW) return;
      first = undefined;
      heap = createHeap(compare, [...living]);
      inHeap = living.size;
    },
    next: () => look()?.at ?? null,
    take(now) {
      const timer = look();
      if (timer === undefined || timer.at > now) return undefined;
      first = undefined;
      living.delete(timer);
      return timer;
    },
  };

  function push(timer: Timer): void {
    heap.push(timer);
    inHeap += 1;
  }

  function look(): Timer | undefined {
    while (first === undefined || !living.has(first)) {
      first = heap.pop();
      if (first === undefined) return undefined;
      inHeap -= 1;
    }
    return first;
  }
}

function compare(one: Timer, other: Timer): number {
  return one.at - other.at || one.seq - other.seq;
}
