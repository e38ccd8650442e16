import { Cron } from 'croner';
import { forCroner } from './wall-clock.ts';

/**
 * The first run after a moment (milliseconds since the epoch), which is not one itself; null when there never is one, as on 30 February.
 *
 * `cron` is what `resolveCron` returned; `timezone` one that `tryTimezone` accepts. When clocks go forward, a time that is left out runs once,
 * at the first moment after the gap; when they go back, a time that comes twice runs the first time only. An expression that runs in every
 * hour takes no part in that: it runs in each hour that passes.
 *
 * @throws Error for an expression or a time zone that the two would refuse.
 */
export function nextRun(cron: string, timezone: string, after: number): number | null {
  const schedule = new Cron(forCroner(cron), { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  return schedule.nextRun(new Date(after))?.getTime() ?? null;
}
