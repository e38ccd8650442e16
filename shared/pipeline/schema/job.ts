import { duration } from '#shared/quantity';
import { z } from 'zod';
import {
  condition,
  flag,
  labelExpression,
  name,
  oneLine,
  plainLine,
  timeout,
  timeoutTemplate,
} from './fields.ts';
import * as limits from '../limits.ts';
import { artifact, reports } from './artifact.ts';
import { env, outputs } from './env.ts';
import { heldStep } from './hold.ts';
import { matrix } from './matrix.ts';
import { given } from './parameters.ts';
import { prepare } from './prepare.ts';
import { successStep } from './snapshot.ts';
import { shell, step, workingDirectory } from './step.ts';

const retryReason = z.union([z.enum(['failure', 'errored', 'timed-out']), z.int().min(1).max(255)]);

const retryMax = z.int().min(0).max(limits.MAX_RETRIES);

export const retry = z
  .union([
    retryMax,
    z.strictObject({
      max: z.int().min(1).max(limits.MAX_RETRIES).describe('How many attempts may follow the first.'),
      on: z
        .union([retryReason, z.array(retryReason).min(1).max(limits.MAX_VARIABLES)])
        .default(['failure', 'errored', 'timed-out'])
        .describe('What is tried again: failure, errored, timed-out, or exit codes of the step that failed.'),
      delay: duration.prefault('0s').describe('How long to wait between two attempts, such as 30s.'),
    }),
  ])
  .describe(
    'Tries the job again, on a fresh node: how often, or a mapping that says when. An attempt that infrastructure failed never counts as the failure of the job.',
  );

export const priority = z
  .union([z.int().min(0).max(limits.MAX_PRIORITY), z.enum(['low', 'normal', 'high'])])
  .describe(
    'What runs first when nodes are scarce: 0 to 100, higher is sooner; low is 25, normal (the default) 50, high 75.',
  );

const group = oneLine(limits.MAX_NAME_LENGTH);

export const concurrency = z
  .union([
    group,
    z.strictObject({
      group: group.describe('What shares the limit: all with the same text here.'),
      limit: z.int().min(1).max(limits.MAX_CONCURRENCY).default(1).describe('How many run at a time.'),
      'cancel-in-progress': flag
        .default(false)
        .describe('Whether a newer one cancels those of its group that run or wait.'),
    }),
  ])
  .describe('At most one of this group runs at a time: the name of the group, or a mapping.');

export const runsOn = labelExpression.describe(
  'Which nodes may run the job: a label expression such as docker, or linux && !arm.',
);

export const queueTimeout = timeout.describe(
  'How long the job may wait for a node; without it, the default of the controller counts.',
);

export const jobTimeout = timeoutTemplate.describe(
  'How long the job may run, such as 30m or 2h; 1h by default.',
);

const steps = z.array(step).min(1).max(limits.MAX_STEPS);
const heldSteps = z.array(heldStep).min(1).max(limits.MAX_STEPS);

const post = z
  .strictObject({
    timeout: timeout.prefault('10m').describe('How long all of these steps together may run.'),
    always: heldSteps.optional().describe('Steps that run in any case.'),
    changed: steps
      .optional()
      .describe('Steps that run when the result differs from that of the previous build of the pipeline.'),
    success: z
      .array(successStep)
      .min(1)
      .max(limits.MAX_STEPS)
      .optional()
      .describe('Steps that run when the job has succeeded.'),
    failure: heldSteps.optional().describe('Steps that run when the job has failed or timed out.'),
    cancelled: heldSteps.optional().describe('Steps that run when the job was cancelled.'),
  })
  .describe(
    'Steps that run when the others have ended, on a time budget of their own: always, changed, then those for the result.',
  );

export const job = z
  .strictObject({
    name: name.optional().describe('What people call the job; its id by default.'),
    'runs-on': runsOn.optional(),
    needs: z
      .union([z.string(), z.array(z.string()).max(limits.MAX_JOBS)])
      .default([])
      .describe('The job, or the list of jobs, that must have ended before this one starts.'),
    if: condition
      .optional()
      .describe(
        'The condition under which the job runs; without it, success(): every job that it needs has succeeded. With or without ${{ }}.',
      ),
    uses: plainLine(limits.MAX_PATH_LENGTH)
      .optional()
      .describe('A template of a job in a file of the same repository, such as ./ci/common.yaml#unit.'),
    with: given.optional(),
    matrix: matrix.optional(),
    env: env.optional(),
    timeout: jobTimeout.optional(),
    'queue-timeout': queueTimeout.optional(),
    retry: retry.optional(),
    'continue-on-error': flag
      .optional()
      .describe('Whether the build goes on, and may succeed, though the job fails; false by default.'),
    concurrency: concurrency.optional(),
    priority: priority.optional(),
    prepare: prepare.optional(),
    outputs: outputs.optional(),
    defaults: z
      .strictObject({ shell: shell.optional(), 'working-directory': workingDirectory.optional() })
      .optional()
      .describe('What the steps of the job do where they say nothing else.'),
    steps: steps
      .optional()
      .describe('What the job does: a list of steps, one after the other on the same node.'),
    post: post.optional(),
    artifacts: z
      .array(artifact)
      .max(limits.MAX_ARTIFACTS)
      .default([])
      .describe('Files that the job leaves, and files of other jobs that it takes.'),
    reports: reports.optional(),
  })
  .meta({ oneOf: [{ required: ['steps'] }, { required: ['uses'] }] })
  .describe('One job: it runs on a fresh node of its own.');

export type JobSource = z.output<typeof job>;
export type PostSource = z.output<typeof post>;
export type RetrySource = z.output<typeof retry>;
export type ConcurrencySource = z.output<typeof concurrency>;
export type PrioritySource = z.output<typeof priority>;
