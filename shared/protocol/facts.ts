import * as z from 'zod/mini';
import { Count, Name } from './fields.ts';

/** What the agent found on its node. They are a node's own words: good for people and checks, never for trust. */
export const Facts = z.strictObject({
  os: Name,
  architecture: Name,
  kernel: Name,
  hostname: Name,
  cpus: Count,
  memoryBytes: Count,
  /** Free bytes where the workspace is. */
  diskFreeBytes: Count,
});
export type Facts = z.infer<typeof Facts>;
