import type { FaultRates, TemplateModel } from '#simulator/model';
import { createRandom, drawDuration } from '#simulator/random';

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
export function createFates(
  cloud: string,
  { name, launch, connect, rates }: TemplateModel,
  seed: number,
): () => Fate {
  const chances = createRandom(seed, `faults of ${cloud}/${name}`);
  const launches = createRandom(seed, `launches of ${cloud}/${name}`);
  const connections = createRandom(seed, `connections of ${cloud}/${name}`);

  return () => {
    const [outcome, loss, lossAt, remains] = [chances.next(), chances.next(), chances.next(), chances.next()];
    return {
      outcome: outcomeAt(outcome, rates),
      launchMs: drawDuration(launches, launch),
      connectMs: drawDuration(connections, connect),
      lostAfterMs: loss < rates.loss ? Math.round(lossAt * LOST_WITHIN_MS) : null,
      leavesBehind: remains < 0.5,
    };
  };
}

const LOST_WITHIN_MS = 60 * 60_000;

function outcomeAt(chance: number, rates: FaultRates): Fate['outcome'] {
  let left = chance;
  for (const fault of ['abort', 'failure', 'hang', 'silence'] as const) {
    left -= rates[fault];
    if (left < 0) return fault;
  }
  return 'accepted';
}
