import type { ErrorCode } from '#shared/errors';
import { z } from 'zod';
import { Time } from '../http/fields.ts';

/** Characters across and down; no screen has more. */
const Size = z.int().min(1).max(2000);

export const NewTerminal = z
  .strictObject({
    columns: Size,
    rows: Size,
    term: z
      .string()
      .regex(/^[A-Za-z0-9+._-]{1,64}$/, 'is no kind of terminal')
      .default('xterm-256color'),
    command: z
      .string()
      .min(1)
      .max(32_768)
      .optional()
      .meta({ description: 'What runs in the terminal instead of a shell.' }),
  })
  .meta({ id: 'NewTerminal' });
export type NewTerminal = z.input<typeof NewTerminal>;

export const TerminalTicket = z
  .object({
    ticket: z.string().meta({ description: 'Good for one connection.' }),
    path: z.string().meta({ description: 'Where a WebSocket opens it, beginning with a slash.' }),
    expiresAt: Time,
  })
  .meta({ id: 'TerminalTicket' });
export type TerminalTicket = z.infer<typeof TerminalTicket>;

/** What a client may say in a text frame; bytes go in binary ones. */
export const TerminalRequest = z.strictObject({ type: z.literal('resize'), columns: Size, rows: Size });

/** What it is told in a text frame, at the end: how the process ended, or why nobody knows. */
export type TerminalNotice =
  | { type: 'exit'; exit: number | null; signal: string | null }
  | { type: 'closed'; code: ErrorCode; message: string };
