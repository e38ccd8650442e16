/** So many of a hundred values are at most so large; in the values' own unit. */
export interface Percentiles {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

/** Null where there are no values. */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((quantile) => nearestRank(sorted, quantile));
  if (p50 === undefined || p90 === undefined || p95 === undefined || p99 === undefined) return null;
  return { p50, p90, p95, p99 };
}

/** The smallest value that so large a share of all (0 to 1) is not above; null where there are none. */
export function quantileOf(values: readonly number[], quantile: number): number | null {
  return (
    nearestRank(
      values.toSorted((a, b) => a - b),
      quantile,
    ) ?? null
  );
}

/** A value that really was, never one between two. */
function nearestRank(sorted: readonly number[], quantile: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)];
}
