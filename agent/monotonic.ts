/** Milliseconds on a clock that nobody sets. `performance.now()` is the same, and loads a module that nothing else here needs. */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}
