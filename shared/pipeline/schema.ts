import { z } from 'zod';
import { directory, gitArgument, glob, labelExpression, name, timeout } from './fields.ts';
import * as limits from './limits.ts';
import { ARTIFACT_NAME, ENV_NAME, JOB_ID } from './names.ts';

/**
 * A pipeline as people write it. The descriptions are shown by editors, and in hints when a key is missing; what
 * joins several parts of a pipeline is checked in `check-pipeline.ts`.
 */

const env = z
  .record(
    z.string().meta({ pattern: ENV_NAME.source }),
    z.union([z.string().max(limits.MAX_VALUE_LENGTH), z.number(), z.boolean()], {
      error: ({ input }) => (input === null ? 'write "" for an empty one' : undefined),
    }),
  )
  .describe(
    "Environment variables. A step's override its job's, and those the pipeline's. Numbers and booleans are taken as they are written.",
  );

const checkout = z
  .union([
    z.literal(true),
    z.strictObject({
      repository: gitArgument
        .optional()
        .describe('URL or path of the git repository; without it, the source that the build came with.'),
      ref: gitArgument
        .optional()
        .describe(
          'Branch, tag or commit; without it, the commit of the build, or the default branch of the repository.',
        ),
      path: directory
        .optional()
        .describe(
          'Directory to check out into, relative to the workspace; without it, the workspace itself.',
        ),
      depth: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('How many commits of history to fetch; without it, all.'),
    }),
  ])
  .describe(
    'Checks out source with git: `true` for the source that the build came with, or a mapping that says what.',
  );

const step = z
  .strictObject({
    name: name.optional().describe('What people call the step; without it, the first line of its script.'),
    run: z
      .string()
      .max(limits.MAX_SCRIPT_LENGTH)
      .refine((script) => script.trim() !== '', 'the script is empty')
      .optional()
      .describe(
        'The script that the step runs. It fails the step when it ends with another exit code than 0.',
      ),
    checkout: checkout.optional(),
    shell: z.enum(['sh', 'bash', 'python']).optional().describe('What runs the script; sh by default.'),
    'working-directory': directory
      .optional()
      .describe('Where the script runs, relative to the workspace; the workspace itself by default.'),
    env: env.optional(),
    timeout: timeout
      .optional()
      .describe(
        'How long the step may run, such as 90s or 10m; without it, only the timeout of its job counts.',
      ),
  })
  .meta({ oneOf: [{ required: ['run'] }, { required: ['checkout'] }] })
  .describe('One step: either `run` or `checkout`.');

const globs = z.array(glob).min(1).max(limits.MAX_GLOBS);

const artifact = z
  .strictObject({
    name: name
      .regex(
        ARTIFACT_NAME,
        'an artifact\'s name has letters, digits, ".", "_" and "-" only, and begins with a letter or a digit',
      )
      .optional()
      .describe('Name of the artifact, unique within the job; "artifacts" by default.'),
    paths: z
      .union([glob, globs])
      .describe('The files to keep: a glob such as out/**, or a list of them, relative to the workspace.'),
    exclude: z.union([glob, globs]).optional().describe('Globs of files to leave out.'),
    when: z
      .enum(['success', 'failure', 'always'])
      .default('success')
      .describe('After which result of the job to keep the files.'),
    'if-empty': z
      .enum(['warn', 'error', 'ignore'])
      .default('warn')
      .describe('What to do when no file matches.'),
  })
  .describe('Files of the workspace that are kept after the job.');

const job = z
  .strictObject({
    name: name.optional().describe('What people call the job; its id by default.'),
    'runs-on': labelExpression.describe(
      'Which nodes may run the job: a label expression such as docker, or linux && !arm.',
    ),
    needs: z
      .union([z.string(), z.array(z.string()).max(limits.MAX_JOBS)])
      .default([])
      .describe('The job, or the list of jobs, that must succeed before this one starts.'),
    env: env.optional(),
    timeout: timeout.prefault('1h').describe('How long the job may run, such as 30m or 2h.'),
    'queue-timeout': timeout
      .optional()
      .describe('How long the job may wait for a node; without it, the default of the controller counts.'),
    steps: z
      .array(step)
      .min(1)
      .max(limits.MAX_STEPS)
      .describe('What the job does: a list of steps, one after the other on the same node.'),
    artifacts: z.array(artifact).max(limits.MAX_ARTIFACTS).default([]).describe('Files to keep.'),
  })
  .describe('One job: it runs on a fresh node of its own.');

export const pipelineSchema = z
  .strictObject({
    name: name.optional().describe('What people call the pipeline; the name of the file by default.'),
    env: env.optional(),
    timeout: timeout
      .optional()
      .describe('How long the whole build may take, waiting for nodes included, such as 2h.'),
    jobs: z
      .record(z.string().meta({ pattern: JOB_ID.source }), job)
      .meta({ minProperties: 1 })
      .describe('The jobs, each under an id. They run at the same time, unless one needs another.'),
  })
  .describe('A Footman pipeline.');

export type PipelineSource = z.output<typeof pipelineSchema>;
export type JobSource = PipelineSource['jobs'][string];
export type StepSource = JobSource['steps'][number];
export type ArtifactSource = JobSource['artifacts'][number];
export type EnvSource = NonNullable<PipelineSource['env']>;
