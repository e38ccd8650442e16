import type { Value } from '#shared/expressions';
import { z } from 'zod';
import { expressionOr } from './fields.ts';
import { MAX_CELLS } from '../limits.ts';
import { ID } from '../names.ts';

const value: z.ZodType<Value> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.json()),
  z.record(z.string(), z.json()),
]);

const cells = z.union([
  z.array(z.record(z.string().meta({ pattern: ID.source }), value)).max(MAX_CELLS),
  expressionOr('a list of mappings'),
]);

export const matrix = z
  .union([
    z
      .object({
        include: cells
          .optional()
          .describe('Cells that are added, or more values for the cells that they fit into.'),
        exclude: cells.optional().describe('Cells that are left out: those that have all of these values.'),
        'fail-fast': z
          .boolean()
          .default(true)
          .describe('Whether the failure of one cell cancels the others.'),
        'max-parallel': z
          .int()
          .min(1)
          .max(MAX_CELLS)
          .optional()
          .describe('How many cells run at a time; all by default.'),
      })
      .catchall(
        z
          .union([z.array(value).min(1), expressionOr('a list')])
          .describe('An axis: a list of values, or an expression whose value is one.'),
      ),
    expressionOr('a mapping of lists'),
  ])
  .describe(
    'Makes a job of each combination of values: lists by name, read as `matrix.NAME`, or an expression whose value is such a mapping.',
  );

export type MatrixSource = z.output<typeof matrix>;
export type CellsSource = z.output<typeof cells>;
