/** When a job may have its node, as far as anybody can tell. */
export interface Estimate {
  /** Milliseconds since the epoch; null where only words can say it. */
  at: number | null;
  /** With how sure it is. */
  sentence: string;
}
