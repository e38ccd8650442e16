import { constants, type Stats } from 'node:fs';
import type { Accounts } from './accounts.ts';

const KINDS = new Map([
  [constants.S_IFDIR, 'd'],
  [constants.S_IFLNK, 'l'],
  [constants.S_IFREG, '-'],
  [constants.S_IFCHR, 'c'],
  [constants.S_IFBLK, 'b'],
  [constants.S_IFIFO, 'p'],
  [constants.S_IFSOCK, 's'],
]);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_A_YEAR_MS = (365 / 2) * 24 * 3600 * 1000;

/** A line as `ls -l` prints it, which clients show as it is. `now` in milliseconds since the epoch. */
export function longName(name: string, stats: Stats, accounts: Accounts, now: number): string {
  return [
    modeText(stats.mode),
    String(stats.nlink).padStart(3),
    accounts.userOf(stats.uid).padEnd(8),
    accounts.groupOf(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
    dateText(stats.mtime, now),
    name,
  ].join(' ');
}

function modeText(mode: number): string {
  return (
    (KINDS.get(mode & constants.S_IFMT) ?? '?') +
    triple(mode >> 6, mode & 0o4000, 's') +
    triple(mode >> 3, mode & 0o2000, 's') +
    triple(mode, mode & 0o1000, 't')
  );
}

function triple(bits: number, isSpecial: number, letter: string): string {
  const plain = bits & 1 ? 'x' : '-';
  const special = bits & 1 ? letter : letter.toUpperCase();
  return (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + (isSpecial ? special : plain);
}

/** With the year in the place of the time where it is far away. */
function dateText(date: Date, now: number): string {
  const day = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  const isFar = Math.abs(now - date.getTime()) > HALF_A_YEAR_MS;
  if (isFar) return `${day} ${String(date.getFullYear()).padStart(5)}`;
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
