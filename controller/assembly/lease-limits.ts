import type { Configuration } from '#controller/config';
import type { LeaseLimits } from '#controller/gateway';

/** Limits of jobs as they are whenever somebody asks: a reload may change them. */
export function leaseLimits(running: () => Configuration): LeaseLimits {
  return {
    get logBytes() {
      return running().limits.stepLog;
    },
    get graceMs() {
      return running().timeouts.cancelGrace;
    },
    get artifactsMs() {
      return running().timeouts.artifacts;
    },
    get uploadsMs() {
      return running().timeouts.uploads;
    },
    get artifactFiles() {
      return running().limits.artifactFiles;
    },
    get artifactBytes() {
      return running().limits.artifactBytes;
    },
    get reportBytes() {
      return running().limits.reportBytes;
    },
  };
}
