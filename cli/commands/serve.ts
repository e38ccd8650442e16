import { configurationFor, ensureAgentFile } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { createInterrupts } from '../interrupt.ts';

interface Options {
  listen?: string;
}

/** Runs a controller until a signal ends it. Nodes and their jobs go on, and find it again at its next start. */
export async function serve(context: Context, { listen }: Options): Promise<number> {
  const configuration = await configurationFor(context, { listen });
  const [{ startController }, { createLogger }, agentFile] = await Promise.all([
    import('#controller'),
    import('#controller/logger'),
    ensureAgentFile(),
  ]);
  const interrupts = createInterrupts();
  const stopped = aborted(interrupts.next());
  try {
    const logger = createLogger(configuration.logLevel, process.stderr);
    const controller = await startController(configuration, { logger, agentFile });
    await context.out.write(
      `listening on ${controller.url}; the administrator's token is in ${controller.tokenFile}\n`,
    );
    await stopped;
    await controller.close();
    return 0;
  } finally {
    interrupts.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
