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
export declare function createTimers(): Timers;
