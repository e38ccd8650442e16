/** What one step may take. */
export interface StepLimits {
  /** Bytes after which a step's log ends with a marker. */
  logBytes: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs: number;
}

/** What one job may take. */
export interface LeaseLimits extends StepLimits {
  /** All artifacts of a job together, in milliseconds. */
  artifactsMs: number;
  artifactFiles: number;
  artifactBytes: number;
}
