import { z } from 'zod';
import { MAX_STEPS, MAX_VALUE_LENGTH } from '../limits.ts';
import { ID } from '../names.ts';
import { job } from './job.ts';
import { parameters } from './parameters.ts';
import { step } from './step.ts';

const template = z
  .strictObject({
    description: z.string().max(MAX_VALUE_LENGTH).optional().describe('For people who use the template.'),
    parameters: parameters.optional(),
    job: job.optional(),
    steps: z
      .array(step)
      .min(1)
      .max(MAX_STEPS)
      .optional()
      .describe('The steps that stand for a step that uses the template.'),
  })
  .meta({ oneOf: [{ required: ['job'] }, { required: ['steps'] }] })
  .describe('A template: either a job or a list of steps.');

/** A file of templates that pipelines of the same repository use. */
export const templatesSchema = z
  .strictObject({
    templates: z
      .record(z.string().meta({ pattern: ID.source }), template)
      .meta({ minProperties: 1 })
      .describe('The templates, each under a name.'),
  })
  .describe('Templates of jobs and steps.');

export type TemplatesSource = z.output<typeof templatesSchema>;
export type TemplateSource = TemplatesSource['templates'][string];
