import { formatSpan, formatTime } from './times.ts';

/** What happened, in order, as rows: what, when, and the time since what happened before. */
export function timeline(happened: readonly (readonly [string, number | null])[]): string[][] {
  const known = happened
    .flatMap(([what, at]) => (at === null ? [] : [{ what, at }]))
    .sort((one, other) => one.at - other.at);
  return known.map(({ what, at }, index) => {
    const before = known[index - 1];
    return [what, formatTime(at), before === undefined ? '' : formatSpan(before.at, at, at)];
  });
}
