import { z } from 'zod';
import { Count, Id, number, Time } from '../http/fields.ts';

/** It is a part of addresses and of secrets' scopes. */
const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/,
    'is not 1 to 64 letters, digits, dots, dashes and underscores',
  );

export const ProjectParams = z.strictObject({ project: Name });

// oxlint-disable-next-line no-control-regex -- they are what is refused
const BRANCH = /^(?![-/.])(?!.*(?:\.\.|@\{|\/\/|\.lock$|[/.]$))[^\u0000-\u0020\u007f~^:?*[\\]+$/;

const Branch = z
  .string()
  .min(1)
  .max(250)
  // Git's rules: git help check-ref-format.
  .regex(BRANCH, 'is no name of a branch');

const Glob = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (glob) => !/^[/!]|(?:^|\/)\.\.(?:\/|$)/.test(glob),
    'is no glob relative to the root of the repository',
  );

const SecretName = z.string().min(1).max(200);

const ApiUrl = z
  .string()
  .max(1024)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'is no URL of http or https');

const Provider = z.enum(['git', 'github', 'gitlab', 'gitea']);

const settings = {
  provider: z
    .enum([...Provider.options, 'forgejo'])
    .meta({ description: 'Who sends its webhooks and shows its statuses; forgejo means gitea.' }),
  repository: z.string().min(1).max(1024).meta({
    description:
      'https://, http://, ssh:// or git:// URL, user@host:path, or an absolute path on the controller.',
  }),
  apiUrl: ApiUrl.nullable().meta({
    description: "Base of the provider's API, where it is not told from the repository.",
  }),
  defaultBranch: Branch.meta({ description: 'Asked from the repository where it is not given.' }),
  pipelines: z.array(Glob).min(1).max(20).meta({ description: 'Globs of pipeline files.' }),
  tokenSecret: SecretName.nullable().meta({
    description: 'Secret with a token, or user:password, for HTTP and the API.',
  }),
  sshKeySecret: SecretName.nullable().meta({ description: 'Secret with a private key for SSH.' }),
  webhookSecret: SecretName.nullable().meta({
    description: 'Secret that webhooks are signed with; without it, none are taken.',
  }),
  knownHosts: z
    .string()
    .max(64 * 1024)
    .nullable()
    .meta({ description: "Lines of known_hosts; without them the machine's own count." }),
  depth: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .meta({ description: 'Commits of history that builds get; null is all.' }),
  share: z
    .int()
    .min(1)
    .max(1000)
    .meta({ description: 'Its weight where projects compete for nodes: twice the share, twice the nodes.' }),
  maxNodes: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .meta({ description: 'Most nodes that its jobs have at one time; null is no limit.' }),
};

export const DEFAULT_PIPELINES = ['.footman.yaml', '.footman/*.yaml'];

export const NewProject = z
  .strictObject({
    name: Name,
    ...settings,
    provider: settings.provider.default('git'),
    defaultBranch: settings.defaultBranch.optional(),
    pipelines: settings.pipelines.default(DEFAULT_PIPELINES),
    apiUrl: settings.apiUrl.default(null),
    tokenSecret: settings.tokenSecret.default(null),
    sshKeySecret: settings.sshKeySecret.default(null),
    webhookSecret: settings.webhookSecret.default(null),
    knownHosts: settings.knownHosts.default(null),
    depth: settings.depth.default(null),
    share: settings.share.default(1),
    maxNodes: settings.maxNodes.default(null),
  })
  .meta({ id: 'NewProject' });
export type NewProject = z.input<typeof NewProject>;

export const ProjectChange = z.strictObject(settings).partial().meta({ id: 'ProjectChange' });
export type ProjectChange = z.input<typeof ProjectChange>;

export const Project = z
  .object({
    id: Id,
    name: z.string(),
    ...settings,
    provider: Provider,
    defaultBranch: z.string(),
    createdAt: Time,
  })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;

export const ProjectList = z.object({ projects: z.array(Project) }).meta({ id: 'ProjectList' });
export type ProjectList = z.infer<typeof ProjectList>;

export const NewProjectBuild = z
  .strictObject({
    ref: z.string().min(1).max(1024).optional().meta({
      description: 'A branch, a tag, a full ref or a commit; the default branch if absent.',
    }),
    pipeline: z.string().min(1).max(1024).optional().meta({
      description: "The pipeline's file or its name; needed where the commit has several.",
    }),
    parameters: z.record(z.string().max(200), z.unknown()).default({}),
  })
  .meta({ id: 'NewProjectBuild' });
export type NewProjectBuild = z.input<typeof NewProjectBuild>;

export const Delivery = z
  .object({
    id: Id,
    event: z.string(),
    state: z.enum(['received', 'processed', 'ignored', 'failed']),
    reason: z.string().nullable().meta({ description: 'What came of it, or what keeps it waiting.' }),
    delivery: z.string().meta({ description: "The sender's own id of it." }),
    attempts: Count.meta({ description: 'Times that the repository could not be reached.' }),
    receivedAt: Time,
    processedAt: Time.nullable(),
    dueAt: Time.nullable().meta({ description: 'When it is tried next; null when it is over.' }),
  })
  .meta({ id: 'Delivery' });

export const DeliveryList = z
  .object({
    deliveries: z.array(Delivery),
    next: Id.nullable().meta({
      description: 'Send it as `before` for the older ones; null when there are none.',
    }),
  })
  .meta({ id: 'DeliveryList' });
export type DeliveryList = z.infer<typeof DeliveryList>;

export const DeliveryQuery = z.strictObject({
  limit: number({ least: 1, most: 200 }).default(30),
  before: Id.optional().meta({ description: 'Only those before this id.' }),
});
