import type { TestResult } from '#controller/store';

/** A test as a report tells of it: nothing of it is masked, cut or cleaned. */
export interface ReportedCase {
  /** Its class; where it has none, the suites that it is in. May be empty. */
  suite: string;
  /** May be empty. */
  name: string;
  result: TestResult;
  /** Milliseconds; null where the report does not say. */
  ms: number | null;
  /** How often it failed before this result. */
  reruns: number;
  /** Of its failure, or why it was skipped; empty where there is none. */
  message: string;
  detail: string;
  stdout: string;
  stderr: string;
}
