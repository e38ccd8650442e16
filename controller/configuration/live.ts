import type { Configuration } from '#controller/config';

/**
 * What runs after a reload: of the file's configuration, all that can change while a controller runs; the rest stays until its next start.
 * This is the one place that says which is which.
 */
export function applied(running: Configuration, next: Configuration): Configuration {
  const { queue, cancelGrace, artifacts, uploads } = next.timeouts;
  return {
    ...running,
    logLevel: next.logLevel,
    shutdown: next.shutdown,
    sweep: next.sweep,
    teardown: next.teardown,
    images: next.images,
    holds: next.holds,
    logs: next.logs,
    retention: next.retention,
    timeouts: { ...running.timeouts, queue, cancelGrace, artifacts, uploads },
    limits: next.limits,
    clouds: next.clouds,
  };
}
