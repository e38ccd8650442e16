import type { HoldKeys } from '#shared/protocol';

type Key = HoldKeys['keys'][number];

/** A line as `holdLine` writes it, and nothing that only resembles one. */
const OURS = /^expiry-time="(\d{14})" [a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2} footman-hold-([a-z0-9-]{1,64})$/;

/** What lets the key in until the hold is over, even where nobody comes to take it away. */
export function holdLine(hold: string, { key, expiresAt }: Pick<Key, 'key' | 'expiresAt'>): string {
  return `expiry-time="${localTime(expiresAt)}" ${key} footman-hold-${hold}`;
}

/**
 * The text of an authorized_keys file with the hold's own lines replaced, and without those of other holds that are over: they can be in an
 * image, and all of them are where `now` is null. Ours come first: so all others stay as they are, byte for byte, however the last one ends. Text is of latin1, a character a byte.
 */
export function replaceLines(
  text: string,
  hold: string,
  lines: readonly string[],
  now: number | null,
): string {
  const time = now === null ? null : localTime(now);
  const others = text.split(/(?<=\n)/).filter((line) => !isOver(OURS.exec(line.trimEnd()), hold, time));
  return lines.map((line) => `${line}\n`).join('') + others.join('');
}

function isOver(match: RegExpExecArray | null, hold: string, now: string | null): boolean {
  if (match === null) return false;
  const [, expiry = '', of] = match;
  return of === hold || now === null || expiry <= now;
}

/** `YYYYMMDDHHMMSS` by the node's clock, as sshd reads it: older ones know no other zone. */
function localTime(at: number): string {
  const date = new Date(at);
  const [year, ...rest] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ];
  return String(year) + rest.map((part) => String(part).padStart(2, '0')).join('');
}
