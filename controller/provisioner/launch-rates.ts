import type { LaunchRate, OpenCloud, Refusal } from '#controller/fleet';

/** A token bucket for each cloud that is configured to have one (L11). */
export interface LaunchRates {
  /** Why the cloud gets no launch now, beyond so many that are planned but not taken yet; null means go on. */
  refusal(cloud: OpenCloud, now: number, planned?: number): Refusal | null;
  /** One launch. Also for those of an earlier life of the controller, in the order of their times. */
  take(cloud: OpenCloud, now: number): void;
}

/**
 * The bucket is kept as one time (GCRA, as in ATM's traffic management): when it would be full again. A launch puts that off by what one
 * token takes to come; while it is further away than a whole bucket takes less one token, there is none to have.
 */
export function createLaunchRates(): LaunchRates {
  const fullAt = new Map<string, number>();

  return {
    refusal({ name, launchRate }, now, planned = 0) {
      if (launchRate === null) return null;
      const until =
        fullAtOf(name, launchRate, now) + (planned - (launchRate.burst - 1)) * tokenMs(launchRate);
      if (until <= now) return null;
      const { perMinute, burst } = launchRate;
      const reason = `cloud ${name} is at its launch rate: ${perMinute} a minute, ${burst} at once`;
      return { code: 'rate', reason, until: Math.ceil(until) };
    },
    take({ name, launchRate }, now) {
      if (launchRate === null) return;
      fullAt.set(name, fullAtOf(name, launchRate, now) + tokenMs(launchRate));
    },
  };

  /**
   * No bucket is emptier than empty: one that another rate, or a clock that was put back since, would have it be so is as empty as can be
   * from now on.
   */
  function fullAtOf(name: string, rate: LaunchRate, now: number): number {
    const known = Math.max(fullAt.get(name) ?? now, now);
    const latest = now + rate.burst * tokenMs(rate);
    if (known > latest) fullAt.set(name, latest);
    return Math.min(known, latest);
  }
}

/** How long one token takes to come. */
function tokenMs({ perMinute }: LaunchRate): number {
  return 60_000 / perMinute;
}
