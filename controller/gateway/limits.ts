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
  /** How long a node is kept for those that the storage did not take by then, likewise. */
  uploadsMs: number;
  artifactFiles: number;
  artifactBytes: number;
  /** Reports of a job's tests together. */
  reportBytes: number;
}
