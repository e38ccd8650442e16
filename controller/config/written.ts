const TIMES = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const SIZES = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Milliseconds as the file has them, exactly: `1h30m`. */
export function writtenDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of TIMES) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}

/** Bytes as the file has them, exactly: `2GiB`, or a plain number where no unit fits. */
export function writtenBytes(bytes: number): string | number {
  const fitting = SIZES.find(([, size]) => bytes >= size && bytes % size === 0);
  return fitting === undefined ? bytes : `${bytes / fitting[1]}${fitting[0]}`;
}

/** Minutes since midnight as `08:30`. */
export function writtenTimeOfDay(minutes: number): string {
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}

/** `mon,tue`; 1 is Monday. */
export function writtenDays(days: readonly number[]): string {
  return days.map((day) => DAYS[day - 1]).join(',');
}
