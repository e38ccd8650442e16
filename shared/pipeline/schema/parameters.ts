import { z } from 'zod';
import { plain, plainLine } from './fields.ts';
import { MAX_NAME_LENGTH, MAX_OPTIONS, MAX_VALUE_LENGTH } from '../limits.ts';
import { ID } from '../names.ts';

const value = z.union([plain(z.string().max(MAX_VALUE_LENGTH)), z.number(), z.boolean()]);

const parameter = z
  .strictObject({
    type: z
      .enum(['string', 'number', 'boolean', 'choice'])
      .optional()
      .describe('What values it takes; without it, told from `options` and `default`, else string.'),
    description: z.string().max(MAX_VALUE_LENGTH).optional().describe('For people who give it a value.'),
    default: value.optional().describe('Its value when none is given; without it, a value must be given.'),
    options: z
      .array(z.union([plainLine(MAX_NAME_LENGTH), z.number(), z.boolean()]))
      .min(1)
      .max(MAX_OPTIONS)
      .optional()
      .describe('The values that a choice has.'),
  })
  .describe('A parameter.');

export const parameters = z
  .record(z.string().meta({ pattern: ID.source }), z.union([parameter, value, z.null()]))
  .describe('Typed parameters, by name. A bare value is the default.');

/** What the caller of a template gives to its parameters. */
export const given = z
  .record(z.string(), z.union([z.string().max(MAX_VALUE_LENGTH), z.number(), z.boolean()]))
  .describe('Values for the parameters of the template, by name.');

export type ParametersSource = z.output<typeof parameters>;
export type ParameterSource = ParametersSource[string];
export type GivenSource = z.output<typeof given>;
