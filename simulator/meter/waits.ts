/** How long jobs waited for their node, in milliseconds. Quantiles by nearest rank: times that some job really waited. */
export interface Waits {
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export function summarise(waits: readonly number[]): Waits {
  const sorted = Float64Array.from(waits).sort();
  const at = (quantile: number): number => sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] ?? 0;
  const mean = sorted.reduce((sum, wait) => sum + wait, 0) / Math.max(1, sorted.length);
  return { mean, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: at(1) };
}
