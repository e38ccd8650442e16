import type { BuildSummary } from '#controller/api';
import type { Client } from '../client/index.ts';
import { connect } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { createInterrupts } from '../interrupt.ts';
import { leave } from './leave.ts';
import { INTERRUPTS_HEARD, runToEnd } from './run-to-end.ts';

interface Start {
  start: (client: Client) => Promise<BuildSummary>;
  /** Whether to show the build until it ends. */
  follow: boolean;
  /** What has been started, where nobody follows it. */
  sentence: (build: BuildSummary) => string;
}

/**
 * Starts a build of what a controller has already, and resolves with the exit code. A controller that runs for this command alone has to
 * see the build through.
 */
export async function startBuild(context: Context, { start, follow, sentence }: Start): Promise<number> {
  const interrupts = createInterrupts({ asking: INTERRUPTS_HEARD });
  const connection = await connect(context);
  let last: number | undefined;
  try {
    const build = await start(connection.client);
    last = build.number;
    if (follow || connection.embedded !== undefined) {
      return await runToEnd(build, { context, connection, interrupts });
    }
    if (context.options.json === true) await printJson(context, build);
    else await context.out.write(`${sentence(build)}\n`);
    return 0;
  } finally {
    await leave({ connection, last, context, signal: interrupts.next() });
    interrupts.close();
  }
}
