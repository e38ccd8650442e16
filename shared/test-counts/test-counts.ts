/** Each test is in one of `passed`, `failed`, `errored` and `skipped`; `newFailures` and `flaky` count marks. */
export interface TestCounts {
  total: number;
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  newFailures: number;
  flaky: number;
  /** Sum of what they took, in milliseconds. */
  ms: number;
}

/** The sum of all. */
export function countTests(parts: readonly TestCounts[]): TestCounts {
  const sum: TestCounts = {
    total: 0,
    passed: 0,
    failed: 0,
    errored: 0,
    skipped: 0,
    newFailures: 0,
    flaky: 0,
    ms: 0,
  };
  for (const part of parts) {
    sum.total += part.total;
    sum.passed += part.passed;
    sum.failed += part.failed;
    sum.errored += part.errored;
    sum.skipped += part.skipped;
    sum.newFailures += part.newFailures;
    sum.flaky += part.flaky;
    sum.ms += part.ms;
  }
  return sum;
}

/** `142 tests: 139 passed, 2 failed (1 new, 1 flaky), 1 skipped`. Those that errored have failed, too. */
export function testSentence({
  total,
  passed,
  failed,
  errored,
  skipped,
  newFailures,
  flaky,
}: TestCounts): string {
  if (total === 0) return 'no tests';
  const bad = failed + errored;
  const marks = [
    ...(newFailures === 0 ? [] : [`${newFailures} new`]),
    ...(flaky === 0 ? [] : [`${flaky} flaky`]),
  ];
  const marked = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  const parts = [
    // A flaky test may have passed this time.
    ...(passed === 0 ? [] : [`${passed} passed${bad === 0 ? marked : ''}`]),
    ...(bad === 0 ? [] : [`${bad} failed${marked}`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ];
  return `${total} test${total === 1 ? '' : 's'}: ${parts.join(', ')}`;
}
