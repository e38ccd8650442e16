import { z } from 'zod';

/** There is nothing to set: the nodes are processes of the controller's own machine and user. */
export const ProcessSettings = z
  .strictObject({})
  .describe('Nodes are processes on the machine of the controller.');
export type ProcessSettings = z.infer<typeof ProcessSettings>;

export const ProcessTemplate = z.strictObject({
  environment: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and _, and no digit first'),
      z.string(),
    )
    .default({})
    .describe('Variables that the agent and its steps get beside PATH, HOME and the like.'),
});
export type ProcessTemplate = z.infer<typeof ProcessTemplate>;
