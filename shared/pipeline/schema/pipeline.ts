import { z } from 'zod';
import { plainName, timeout } from './fields.ts';
import { ID } from '../names.ts';
import { env } from './env.ts';
import { concurrency, job, jobTimeout, priority, queueTimeout, retry, runsOn } from './job.ts';
import { shell, workingDirectory } from './step.ts';
import { triggers } from './triggers.ts';

/**
 * A pipeline as people write it. The descriptions are shown by editors and in the reference, and in hints when a key is missing; what
 * joins several parts of a pipeline is checked in `check-pipeline.ts`.
 */

const defaults = z
  .strictObject({
    'runs-on': runsOn.optional(),
    timeout: jobTimeout.optional(),
    'queue-timeout': queueTimeout.optional(),
    retry: retry.optional(),
    priority: priority.optional(),
    shell: shell.optional(),
    'working-directory': workingDirectory.optional(),
  })
  .describe('What jobs and their steps do where they say nothing else.');

export const pipelineSchema = z
  .strictObject({
    name: plainName.optional().describe('What people call the pipeline; the name of the file by default.'),
    on: triggers.optional(),
    env: env.optional(),
    timeout: timeout
      .optional()
      .describe('How long the whole build may take, waiting for nodes included, such as 2h.'),
    concurrency: concurrency.optional(),
    priority: priority.optional(),
    defaults: defaults.optional(),
    jobs: z
      .record(z.string().meta({ pattern: ID.source }), job)
      .meta({ minProperties: 1 })
      .describe('The jobs, each under an id. They run at the same time, unless one needs another.'),
  })
  .describe('A Footman pipeline.');

export type PipelineSource = z.output<typeof pipelineSchema>;
export type DefaultsSource = z.output<typeof defaults>;
