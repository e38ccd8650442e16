import type { Configuration } from './configuration.ts';
import { cloudDocument } from './cloud-document.ts';
import { section, type Section } from './section.ts';
import { blobsDocument, retentionDocument } from './storage-document.ts';
import { writtenBytes, writtenDuration } from './written.ts';

/**
 * What a configuration comes to, in the file's own keys: a file with this in it means the same, but for a database's URL, which never stands
 * in a file. What is not set is not there. For other eyes: `hideSecrets`.
 */
export function toDocument(configuration: Configuration): Section {
  const { data, listen, publicUrl, logLevel, store, timeouts, limits, sweep, teardown, ...others } =
    configuration;
  const { blobs, logs, retention, images, holds, bastion, shutdown, secrets, clouds, ...forgotten } = others;
  // A setting that is new must get its place here: the compiler says so.
  forgotten satisfies Record<string, never>;
  return section({
    data,
    listen: writtenAddress(listen),
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
      uploads: writtenDuration(timeouts.uploads),
    },
    limits: {
      'step-log': writtenBytes(limits.stepLog),
      'artifact-files': limits.artifactFiles,
      'artifact-bytes': writtenBytes(limits.artifactBytes),
      'report-bytes': writtenBytes(limits.reportBytes),
      'test-cases': limits.testCases,
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
    blobs: blobsDocument(blobs),
    logs: { 'archive-after': writtenDuration(logs.archiveAfter) },
    retention: retentionDocument(retention),
    images: section({
      'capture-timeout': writtenDuration(images.captureTimeout),
      'roll-back-after': images.rollBackAfter,
      'prepared-disk': images.preparedDisk === null ? undefined : writtenBytes(images.preparedDisk),
    }),
    holds: holdsSection(holds),
    bastion: bastion === null ? undefined : bastionSection(bastion),
    shutdown,
    secrets: { 'key-file': secrets.keyFile },
    clouds: Object.fromEntries(clouds.map((cloud) => [cloud.name, cloudDocument(cloud)])),
  });
}

function holdsSection({ webhook, ...holds }: Configuration['holds']): Section {
  return section({
    default: writtenDuration(holds.default),
    maximum: writtenDuration(holds.maximum),
    'per-user': holds.perUser,
    'per-template': holds.perTemplate,
    'remind-before': writtenDuration(holds.remindBefore),
    'extend-on-use': writtenDuration(holds.extendOnUse),
    'keep-snapshots': writtenDuration(holds.keepSnapshots),
    webhook:
      webhook === null
        ? undefined
        : section({ url: webhook.url, 'secret-env': webhook.secretEnv ?? undefined }),
  });
}

function bastionSection({ listen, host, ...bastion }: NonNullable<Configuration['bastion']>): Section {
  return section({
    listen: writtenAddress(listen),
    host: host ?? undefined,
    'idle-timeout': writtenDuration(bastion.idleTimeout),
    recording: bastion.isRecording ? 'terminals' : 'off',
    'keep-recordings': writtenDuration(bastion.keepRecordings),
  });
}

function writtenAddress({ host, port }: Configuration['listen']): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
