import type { Configuration } from './configuration.ts';
import { cloudDocument } from './cloud-document.ts';
import { section, type Section } from './section.ts';
import { writtenBytes, writtenDuration } from './written.ts';

/**
 * What a configuration comes to, in the file's own keys: a file with this in it means the same, but for a database's URL, which never stands
 * in a file. What is not set is not there. For other eyes: `hideSecrets`.
 */
export function toDocument(configuration: Configuration): Section {
  const { data, listen, publicUrl, logLevel, store, timeouts, limits, sweep, teardown, ...others } =
    configuration;
  const { images, shutdown, secrets, clouds, ...forgotten } = others;
  // A setting that is new must get its place here: the compiler says so.
  forgotten satisfies Record<string, never>;
  return section({
    data,
    listen: listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`,
    'public-url': publicUrl ?? undefined,
    'log-level': logLevel,
    store: { kind: store.kind },
    timeouts: {
      launch: writtenDuration(timeouts.launch),
      connect: writtenDuration(timeouts.connect),
      check: writtenDuration(timeouts.check),
      'agent-lost': writtenDuration(timeouts.agentLost),
      queue: writtenDuration(timeouts.queue),
      'cancel-grace': writtenDuration(timeouts.cancelGrace),
      artifacts: writtenDuration(timeouts.artifacts),
    },
    limits: {
      'step-log': writtenBytes(limits.stepLog),
      'artifact-files': limits.artifactFiles,
      'artifact-bytes': writtenBytes(limits.artifactBytes),
      'cache-bytes': writtenBytes(limits.cacheBytes),
    },
    sweep: { interval: writtenDuration(sweep.interval), grace: writtenDuration(sweep.grace) },
    teardown: {
      'max-stopped': teardown.maxStopped,
      'max-age': writtenDuration(teardown.maxAgeMs),
      'min-free-disk': writtenBytes(teardown.minFreeDiskBytes),
      'min-free-memory': writtenBytes(teardown.minFreeMemoryBytes),
      idle: writtenDuration(teardown.idleMs),
      'at-once': teardown.atOnce,
    },
    images: section({
      'capture-timeout': writtenDuration(images.captureTimeout),
      'roll-back-after': images.rollBackAfter,
      'prepared-disk': images.preparedDisk === null ? undefined : writtenBytes(images.preparedDisk),
    }),
    shutdown,
    secrets: { 'key-file': secrets.keyFile },
    clouds: Object.fromEntries(clouds.map((cloud) => [cloud.name, cloudDocument(cloud)])),
  });
}
