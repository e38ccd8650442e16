const SECOND = 1000;
const MINUTE = 60 * SECOND;
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Milliseconds for people: `250ms`, `12.3s`, `1m30s`, `2h5m`, `7d`. From a minute on, to the second. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  if (!Number.isFinite(milliseconds)) return 'unlimited';
  if (Math.round(milliseconds) < SECOND) return `${Math.round(milliseconds)}ms`;
  const tenths = Math.round(milliseconds / 100) / 10;
  if (tenths < MINUTE / SECOND) return `${tenths}s`;
  return wholeUnits(Math.round(milliseconds / SECOND));
}

function wholeUnits(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
