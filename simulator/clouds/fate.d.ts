import type { FaultRates, TemplateModel } from '#simulator/model';
/** What becomes of a launch. Times in milliseconds. */
export interface Fate {
    outcome: 'accepted' | Extract<keyof FaultRates, 'failure' | 'abort' | 'hang' | 'silence'>;
    launchMs: number;
    connectMs: number;
    /** The agent is lost so long after it has connected; null is never. */
    lostAfterMs: number | null;
    /** A launch that failed left something behind all the same. */
    leavesBehind: boolean;
}
/** The fates of a template's launches, one after the other; every launch takes as many numbers from the stream as any other. */
export declare function createFates(cloud: string, { name, launch, connect, rates }: TemplateModel, seed: number): () => Fate;
