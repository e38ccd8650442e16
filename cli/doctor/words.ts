import { formatDuration } from '#shared/quantity';

/** As engines themselves show their ids; their commands take the short form. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

/** How long ago that was; a clock of another machine may be ahead of ours. */
export function ageOf(at: number, now: number): string {
  return formatDuration(Math.max(0, now - at));
}
