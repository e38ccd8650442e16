import { formatDuration } from '#shared/quantity';

/** A time for people, in this machine's zone: `2026-01-31 17:05:09`. */
export function formatTime(time: number): string {
  const at = new Date(time);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')}`;
}

/** The same, without the date for a time of today: `17:05:09`. */
export function formatNearTime(time: number, now: number): string {
  const [today = ''] = formatTime(now).split(' ');
  return formatTime(time).replace(`${today} `, '');
}

/** How long something took, or has been taking; nothing for what has not begun. */
export function formatSpan(from: number | null, to: number | null, now: number): string {
  return from === null ? '' : formatDuration(Math.max(0, (to ?? now) - from));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
