import { z } from 'zod';
import { bytes, duration } from '#shared/quantity';
import { blobsSection } from './blobs-schema.ts';
import { cloudSchema } from './cloud-schema.ts';
import { retentionSection } from './retention-schema.ts';

const Listen = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/,
    'an address is written as host:port, such as 127.0.0.1:8080',
  )
  .describe('Address of the API and of agents on other machines; `127.0.0.1:8080` if left out.');

const StoreSection = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sqlite').describe('A file in the data folder.') }),
    z.strictObject({
      kind: z
        .literal('postgres')
        .describe('A PostgreSQL database; another controller may take over when this one has ended.'),
      'url-env': z
        .string()
        .default('FOOTMAN_DATABASE_URL')
        .describe('Environment variable that holds its URL.'),
    }),
  ])
  .describe('Where state is kept. The URL of a database holds a password, so it never stands in this file.');

/** How long a thing may stay in each of its states, counted from entering it. */
const Timeouts = z
  .strictObject({
    launch: duration.prefault('2m').describe('For a cloud to accept a node.'),
    connect: duration.prefault('2m').describe('For the agent of an accepted node to dial in.'),
    check: duration.prefault('1m').describe('For the checks of a connected node.'),
    'agent-lost': duration
      .prefault('1m')
      .describe('For an agent to come back after its connection was lost.'),
    queue: duration.prefault('1h').describe('For a job to get a node, where the job itself does not say.'),
    'cancel-grace': duration.prefault('10s').describe('Between SIGTERM and SIGKILL.'),
    artifacts: duration
      .prefault('10m')
      .describe('For all artifacts of a job, after its steps; then the job ends, and they go on without it.'),
    uploads: duration
      .prefault('1h')
      .describe(
        'For files to reach a storage that was in trouble: so long after the end of a job its node is kept for that.',
      ),
  })
  .prefault({})
  .describe('How long a thing may stay in each of its states.');

const Limits = z
  .strictObject({
    'step-log': bytes
      .prefault('1GiB')
      .describe('Bytes of output of one step; what comes after them is not kept.'),
    'artifact-files': z.int().positive().default(10_000).describe('Files of one artifact.'),
    'artifact-bytes': bytes.prefault('10GiB').describe('Bytes of one artifact.'),
    'report-bytes': bytes.prefault('64MiB').describe('Bytes of all reports of tests of one job.'),
    'test-cases': z.int().positive().default(100_000).describe('Tests in the reports of one job.'),
    'cache-bytes': bytes.prefault('10GiB').describe('Bytes of all caches together.'),
  })
  .prefault({})
  .describe('How large things may grow.');

const SweepSection = z
  .strictObject({
    interval: duration.prefault('1m').describe('Between two listings of a cloud.'),
    grace: duration.prefault('5m').describe('Age under which nothing is taken for leaked.'),
  })
  .prefault({})
  .describe('How clouds are looked over for what nobody needs any more.');

const TeardownSection = z
  .strictObject({
    'max-stopped': z
      .int()
      .nonnegative()
      .default(64)
      .describe('More stopped nodes than that are removed; 0 removes each at once.'),
    'max-age': duration.prefault('10m').describe('So long after it was stopped a node is removed.'),
    'min-free-disk': bytes
      .prefault('5GiB')
      .describe("Less space than that on the data folder's disk removes all."),
    'min-free-memory': bytes
      .prefault('512MiB')
      .describe("Less memory than that on the controller's machine removes all."),
    idle: duration.prefault('2s').describe('So long without any job, running or waiting, removes all.'),
    'at-once': z.int().positive().default(8).describe('Removals of one cloud at a time.'),
  })
  .prefault({})
  .describe(
    'When stopped nodes are removed. They count against quotas until then, so a quota that is reached removes them too.',
  );

const ImagesSection = z
  .strictObject({
    'capture-timeout': duration
      .prefault('1h')
      .describe('For a cloud to capture a node, and for an image to be imported.'),
    'roll-back-after': z
      .int()
      .positive()
      .default(3)
      .describe(
        'So many nodes in a row of a newly promoted version that do not come up, with none that ever did, roll it back.',
      ),
    'prepared-disk': bytes
      .optional()
      .describe(
        'Bytes of all prepared images together; more than that removes those that were used longest ago. No limit if left out.',
      ),
  })
  .prefault({})
  .describe('How images of nodes are made and kept.');

const HoldsSection = z
  .strictObject({
    default: duration.prefault('4h').describe('How long a node is held, where nobody says.'),
    maximum: duration.prefault('3d').describe('How long one may be held, extensions included.'),
    'per-user': z.int().positive().default(5).describe('Nodes that one user holds at a time.'),
    'per-template': z
      .int()
      .positive()
      .default(3)
      .describe('Nodes of one template that are held at a time, whoever holds them.'),
    'remind-before': duration
      .prefault('30m')
      .describe('So long before the end its owner is reminded of a hold; `0s` for never.'),
    'extend-on-use': duration
      .prefault('1h')
      .describe(
        'A node on which somebody works is held for at least so much longer, up to the maximum; `0s` for no such extension.',
      ),
    'keep-snapshots': duration
      .prefault('14d')
      .describe('How long the images of machines that were held stay.'),
    webhook: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }).describe('Where each is sent, as JSON by POST.'),
        'secret-env': z
          .string()
          .optional()
          .describe(
            'Environment variable that holds the key of their signatures; none are made if left out.',
          ),
      })
      .optional()
      .describe('Who is told of holds that begin, are about to end, and have ended.'),
  })
  .prefault({})
  .describe('How nodes are held for people to look at.');

const BastionSection = z
  .strictObject({
    listen: Listen.default('127.0.0.1:2222').describe('Address that `ssh` connects to.'),
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'it is the name or the address of a host')
      .optional()
      .describe('What people call it, where that is another name or address.'),
    'idle-timeout': duration
      .prefault('30m')
      .describe('So long without a byte in either direction ends a connection.'),
    recording: z
      .enum(['off', 'terminals'])
      .default('off')
      .describe('Whether what terminals show is recorded, in the format of asciinema, with secrets masked.'),
    'keep-recordings': duration.prefault('30d').describe('How long recordings stay.'),
  })
  .optional()
  .describe('An SSH server for held nodes; none if left out.');

const LogsSection = z
  .strictObject({
    'archive-after': duration
      .prefault('1h')
      .describe('So long after the end of a job, its logs leave the disk of the controller for the storage.'),
  })
  .prefault({})
  .describe('Where logs of steps are.');

const SecretsSection = z
  .strictObject({
    'key-file': z
      .string()
      .min(1)
      .optional()
      .describe(
        'File of the keys that seal secrets, made when it is missing; relative to this file. All controllers of one store share it.',
      ),
  })
  .prefault({})
  .describe('How secrets are kept.');

/** footman.yaml. Made when it is needed: the sections of clouds come from the registry of kinds. */
export function configurationSchema() {
  return z
    .strictObject({
      data: z
        .string()
        .optional()
        .describe('Folder of all state; relative to this file. `~/.local/state/footman` if left out.'),
      listen: Listen.optional(),
      'public-url': z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('How agents on other machines reach this controller.'),
      'log-level': z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe("How much of the controller's own log is written."),
      store: StoreSection.prefault({ kind: 'sqlite' }),
      timeouts: Timeouts,
      limits: Limits,
      sweep: SweepSection,
      teardown: TeardownSection,
      blobs: blobsSection,
      logs: LogsSection,
      retention: retentionSection,
      images: ImagesSection,
      holds: HoldsSection,
      bastion: BastionSection,
      shutdown: z
        .enum(['keep', 'drain'])
        .default('keep')
        .describe(
          'What happens to idle nodes when the controller stops: its next start adopts them, or they are removed.',
        ),
      secrets: SecretsSection,
      clouds: z
        .record(
          z
            .string()
            .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a cloud has a name of lower-case letters, digits and dashes'),
          cloudSchema(),
        )
        .describe('Providers of nodes, in order of preference.'),
    })
    .describe('Configuration of a controller.');
}

export type ConfigurationDocument = z.output<ReturnType<typeof configurationSchema>>;
