import type { Clock } from '#controller/clock';
/** Resolves after so many milliseconds; throws the signal's reason as soon as that is aborted. */
export declare function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void>;
