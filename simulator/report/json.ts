import type { Outcome } from '#simulator/run';

/** All figures; times in milliseconds, node-hours in hours. */
export function toJson(outcomes: readonly Outcome[]): string {
  return `${JSON.stringify(outcomes, null, 2)}\n`;
}
