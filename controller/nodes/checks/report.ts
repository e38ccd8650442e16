import { z } from 'zod';
import type { CheckOutcome } from './evaluate.ts';

/** What is kept of a node's last check: its row of `node_reports`, as JSON. */
export const CheckReport = z.object({
  /** Milliseconds since the epoch. */
  at: z.int(),
  results: z.array(
    z.object({ name: z.string(), ok: z.boolean(), message: z.string().nullable(), ms: z.int().nullable() }),
  ),
  /** The last of what the script printed. */
  output: z.string(),
});
export type CheckReport = z.infer<typeof CheckReport>;

export function reportOf(at: number, results: readonly CheckOutcome[], output: string): string {
  return JSON.stringify({ at, results: [...results], output } satisfies CheckReport);
}
