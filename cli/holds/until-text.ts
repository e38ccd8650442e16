import type { Hold } from '#controller/api';
import { formatDuration } from '#shared/quantity';
import { formatNearTime } from '../terminal/index.ts';

/** Until when the node is held: `until 17:05:09, 3h59m from now`. */
export function untilText({ expiresAt }: Pick<Hold, 'expiresAt'>, now: number): string {
  if (expiresAt === null) return 'if that is within the limits';
  const left = expiresAt - now;
  return `until ${formatNearTime(expiresAt, now)}${left < MINUTE ? '' : `, ${formatDuration(wholeMinutes(left))} from now`}`;
}

const MINUTE = 60_000;

function wholeMinutes(milliseconds: number): number {
  return Math.floor(milliseconds / MINUTE) * MINUTE;
}
