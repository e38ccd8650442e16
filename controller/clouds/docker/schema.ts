import { bytes } from '#shared/quantity';
import { z } from 'zod';

/** Where an engine can listen. */
const ENGINE_HOST =
  /^(unix:\/\/\/\S+|tcp:\/\/(\[[\da-f:.]+\]|[\w.-]+):\d+|ssh:\/\/([\w.-]+@)?[\w][\w.-]*(:\d+)?)$/;

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'write an absolute path');
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and _, and no digit first');
const capability = z.string().regex(/^[A-Z][A-Z_]*$/, 'write a capability such as NET_RAW, or ALL');

const Credentials = z
  .strictObject({
    username: z.string().min(1).describe('Who to be.'),
    'password-file': absolutePath.optional().describe('File that holds the password; read at each pull.'),
    'password-env': variableName.optional().describe("Variable of the controller's that holds the password."),
  })
  .refine(
    (each) => (each['password-file'] === undefined) !== (each['password-env'] === undefined),
    'give either password-file or password-env',
  );
export type Credentials = z.infer<typeof Credentials>;

export const DockerSettings = z
  .strictObject({
    host: z
      .string()
      .regex(ENGINE_HOST, 'write unix:///path, tcp://host:port or ssh://user@host')
      .default('unix:///var/run/docker.sock')
      .describe('The Docker Engine: unix:///path, tcp://host:port or ssh://[user@]host[:port].'),
    tls: z
      .strictObject({
        ca: absolutePath.describe('Who signed the certificate of the engine.'),
        cert: absolutePath.describe('The certificate of the controller.'),
        key: absolutePath.describe('Its key.'),
      })
      .optional()
      .describe('Files for a tcp host: who signed the engine, and who we are to it.'),
    'agents-dial': z
      .enum(['socket', 'public-url'])
      .optional()
      .describe(
        'How agents reach the controller: its Unix socket, mounted (for a unix host), or its public-url (for others).',
      ),
    registries: z
      .record(z.string().min(1), Credentials)
      .default({})
      .describe('Who to be to a private registry, by its host: docker.io, registry.example.org:5000.'),
  })
  .refine(({ host, tls }) => tls === undefined || host.startsWith('tcp://'), {
    path: ['tls'],
    message: 'tls goes with a tcp:// host only',
  })
  .refine(({ host, ...settings }) => settings['agents-dial'] !== 'socket' || host.startsWith('unix://'), {
    path: ['agents-dial'],
    message: 'a socket can be mounted by an engine of the same machine only, which has a unix:// host',
  })
  .describe('Nodes are containers on a Docker Engine.');
export type DockerSettings = z.infer<typeof DockerSettings>;

const Mount = z.strictObject({
  source: absolutePath.describe("Folder or file on the engine's machine; it must exist."),
  target: absolutePath.describe('Where it is in the node.'),
  'read-only': z.boolean().default(true).describe('Whether steps can only read it.'),
});

export const DockerTemplate = z
  .strictObject({
    image: z
      .string()
      .regex(/^\w[\w.:/@-]*$/, 'write an image such as debian:bookworm')
      .optional()
      .describe('As `docker run` takes it; a digest makes it immutable.'),
    pull: z
      .enum(['missing', 'always', 'never'])
      .default('missing')
      .describe('When the registry is asked: for an image that is not there, at each launch, or never.'),
    memory: bytes.optional().describe('Most memory, swap included.'),
    cpus: z.number().positive().optional().describe('Share of CPUs, such as 1.5.'),
    pids: z.int().positive().default(4096).describe('Most processes and threads.'),
    'shm-size': bytes.optional().describe('Size of /dev/shm.'),
    network: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]*$/, 'write bridge, none or the name of a network')
      .default('bridge')
      .describe("`bridge`, `none`, or the name of a network of the engine's."),
    'allow-host-network': z.boolean().default(false).describe('Must be true for `network: host`.'),
    user: z.string().min(1).optional().describe("User (and :group) instead of the image's own."),
    environment: z
      .record(variableName, z.string())
      .default({})
      .describe('Never secrets: everybody who may inspect the container reads it.'),
    capabilities: z
      .strictObject({
        drop: z.array(capability).default([]).describe('Such as `ALL`.'),
        add: z.array(capability).default([]).describe('Such as `NET_RAW`.'),
      })
      .prefault({})
      .describe("Changes to the engine's default set."),
    'no-new-privileges': z.boolean().default(true).describe('setuid programs such as sudo gain nothing.'),
    privileged: z.boolean().default(false).describe('All of the machine: a job can take it over.'),
    'read-only': z.boolean().default(false).describe("The image's files can't be changed."),
    tmpfs: z.record(absolutePath, bytes).default({}).describe('Folders in memory, with their sizes.'),
    mounts: z.array(Mount).default([]).describe("Folders and files of the engine's machine that steps see."),
    devices: z.array(absolutePath).default([]).describe('Devices of the machine, such as /dev/kvm.'),
  })
  .refine((template) => template.network !== 'host' || template['allow-host-network'], {
    path: ['network'],
    message:
      "on the host's network a job reaches every service of the machine that trusts local callers; allow-host-network: true permits it",
  });
export type DockerTemplate = z.infer<typeof DockerTemplate>;
