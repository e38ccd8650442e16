import type { Clock } from '#controller/clock';
export interface VirtualClock extends Clock {
    /**
     * Lets time pass until `done` says so or nothing is due any more. Whatever follows from an instant happens before the next one comes:
     * code that waits for promises only, and for this clock, takes no time at all.
     */
    run(done: () => boolean): Promise<void>;
}
/** Timers go off in the order of their time, those of one instant in the order of their making: a run is the same each time. */
export declare function createVirtualClock(startMs: number): VirtualClock;
