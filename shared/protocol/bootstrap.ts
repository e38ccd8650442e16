import * as z from 'zod/mini';
import { Id, Token } from './fields.ts';

/**
 * What a launcher writes to a new agent's standard input, as one line of JSON. It never stands in an environment variable, an argument, a
 * label or an image. An agent whose input ends before the line does exits: a launch that was cut short leaves nothing running.
 */
export const Bootstrap = z.strictObject({
  node: Id,
  /** Where the agent dials: `http://host:port`, `https://host:port` or `unix:/path/of/socket`. */
  endpoint: z.string().check(z.regex(/^(https?:\/\/|unix:\/)/)),
  token: Token,
  /** Folder of the agent's own: workspace, spool and temporary files; made if missing. */
  root: z.string().check(z.minLength(1)),
});
export type Bootstrap = z.infer<typeof Bootstrap>;
