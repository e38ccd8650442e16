/**
 * When stopped nodes are removed. Until one of these says so they wait, off everybody's way; they still count against quotas, so a quota
 * that is reached says so too.
 */
export interface TeardownSettings {
  /** More stopped nodes than that, over all clouds, are removed; 0 removes each at once. */
  maxStopped: number;
  /** One that was stopped so long ago, in milliseconds. */
  maxAgeMs: number;
  /** Less space than that on the disk of the data folder, in bytes. */
  minFreeDiskBytes: number;
  /** Less memory than that on the controller's machine, in bytes. */
  minFreeMemoryBytes: number;
  /** No job has run or waited for so long, in milliseconds. */
  idleMs: number;
  /** Removals of one cloud at a time. */
  atOnce: number;
}
