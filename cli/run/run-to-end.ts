import type { Build, BuildSummary } from '#controller/api';
import type { Connection } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { EXIT_OF_RESULT } from '../exit-codes.ts';
import type { Interrupts } from '../interrupt.ts';
import { followBuild } from './follow-build.ts';
import { reportBuild } from './report-build.ts';
import { viewFor } from './view-for.ts';

interface Deps {
  context: Context;
  connection: Connection;
  interrupts: Interrupts;
}

/** Shows a build of this command's own until it ends, and resolves with the exit code of its result. */
export async function runToEnd(build: BuildSummary, deps: Deps): Promise<number> {
  const ended = await watch(build, deps);
  await reportBuild(ended, deps);
  return EXIT_OF_RESULT[ended.result ?? 'errored'];
}

/** The first interrupt cancels the build, the second one by force. */
async function watch(
  { id }: BuildSummary,
  { context, connection: { client }, interrupts }: Deps,
): Promise<Build> {
  const failed = new AbortController();
  const over = new AbortController();
  cancelWhenAsked().catch((error: unknown) => failed.abort(error));
  try {
    const view = viewFor(context);
    return await followBuild(await client.build(id), { client, view, signal: failed.signal });
  } finally {
    over.abort();
  }

  async function cancelWhenAsked(): Promise<void> {
    for (const [index, { force, sentence }] of WAYS_TO_CANCEL.entries()) {
      await interrupted(index + 1);
      if (over.signal.aborted) return;
      await client.cancelBuild(id, { force });
      await context.err.write(`footman: ${sentence}\n`);
    }
  }

  /** Resolves when so many came, or when it is too late. */
  async function interrupted(count: number): Promise<void> {
    while (interrupts.count() < count && !over.signal.aborted) {
      await aborted(AbortSignal.any([interrupts.next(), over.signal]));
    }
  }
}

const WAYS_TO_CANCEL = [
  { force: false, sentence: 'the build is being cancelled; another interrupt cancels it by force' },
  { force: true, sentence: 'the build is being cancelled by force; another interrupt ends this at once' },
] as const;

/** How many interrupts are heard before one ends the command at once. */
export const INTERRUPTS_HEARD = WAYS_TO_CANCEL.length;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
