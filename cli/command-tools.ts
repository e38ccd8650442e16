import type { Command } from 'commander';
import type { Context } from './context.ts';

/** What groups of commands are made with. */
export interface CommandTools {
  /** Adds a command, below the program itself unless `parent` is given. */
  command(
    synopsis: string,
    description: string,
    examples?: string,
    parent?: Command,
    options?: { isDefault: boolean },
  ): Command;
  /** What commander is to call: gives the run its context, and the process its exit code. */
  act(run: (context: Context, ...rest: never[]) => Promise<number>): (...given: unknown[]) => Promise<void>;
}
