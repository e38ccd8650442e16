import { z } from 'zod';
import { ProcessTemplate } from '../process/index.ts';

export const FakeSettings = z
  .strictObject({
    world: z.string().min(1).describe('Folder of the world: its resources, its script and its journal.'),
    agents: z
      .boolean()
      .default(true)
      .describe('Whether nodes are real agents, as processes; without, nobody ever dials in.'),
  })
  .describe('A cloud for tests that shows on demand what real clouds show once a year.');
export type FakeSettings = z.infer<typeof FakeSettings>;

export const FakeTemplate = z.strictObject({
  ...ProcessTemplate.shape,
  hosts: z
    .array(z.string().min(1).max(64))
    .min(1)
    .optional()
    .describe('Static hosts that nodes of this template are launched on, one on each at a time.'),
  variant: z.string().optional().describe('What rules of the script name this template by.'),
});
export type FakeTemplate = z.infer<typeof FakeTemplate>;
